import { ApiError } from '../../src/client/client.ts';
import { Icon } from './Icon.tsx';
import { Notice } from './Notice.tsx';

/** What went wrong in words, and the way on. */
export function Failure({ of, retry }: { of: Error; retry?: () => void }) {
  return (
    <Notice tone="bad" title={titleOf(of)}>
      <p class="pre">{sentenceOf(of)}</p>
      {retry && (
        <div>
          <button type="button" class="button" onClick={retry}>
            <Icon name="retry" />
            Try again
          </button>
        </div>
      )}
    </Notice>
  );
}

function titleOf(error: Error): string {
  if (!(error instanceof ApiError)) return 'Tasker does not answer';
  if (error.status === 404) return 'Not found';
  if (error.status === 403) return 'Not allowed';
  return error.status >= 500 ? 'Tasker cannot do this now' : 'Not done';
}

/** What the API says of it. Only a call that nobody answered has no words of its own. */
export function sentenceOf(error: Error): string {
  return error instanceof ApiError ? error.message : 'The connection failed. It is tried again by itself.';
}
