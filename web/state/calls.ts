import {
  type Answer,
  ApiError,
  type Asked,
  type CallOptions,
  createClient,
  type Operation,
} from '../../src/client/client.ts';
import { sessionEnded } from './session.ts';

/** The session's cookie says who calls; the header, which no other site can send, that this page does. */
const client = createClient('', () => ({ 'x-tasker-console': '1' }));

/** For long answers: what the browser is to keep as a file. */
export const open = client.open;

/** Calls the API; when the session is over, the console asks for a token again. */
export async function call<Name extends Operation>(
  name: Name,
  asked: Asked<Name>,
  options?: CallOptions,
): Promise<Answer<Name>> {
  try {
    return (await client.call(name, asked, options)).answer;
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) sessionEnded();
    throw error;
  }
}
