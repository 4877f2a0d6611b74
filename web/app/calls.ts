import { ApiError, type Answer, type Asked, type CallOptions, createClient, type Operation } from '../../src/client/client.ts';
import { sessionEnded } from './session.ts';

/** The session's cookie says who calls. */
const client = createClient('', () => ({}));

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
