import { useState } from 'preact/hooks';
import { Failure } from '../../parts/Failure.tsx';
import { Notice } from '../../parts/Notice.tsx';
import { logIn } from '../../state/login.ts';
import { farewell } from '../../state/session.ts';
import './login.css';

export function LoginPage() {
  const [token, setToken] = useState('');
  const [error, setError] = useState<Error>();
  const [isBusy, setBusy] = useState(false);

  const submit = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    setError(undefined);
    try {
      await logIn({ token: token.trim() });
    } catch (failure) {
      setError(failure instanceof Error ? failure : new Error(String(failure)));
      setBusy(false);
    }
  };

  return (
    <main class="login">
      <form class="panel stack" onSubmit={submit}>
        <div class="row">
          <img src="/icon.svg" width="30" height="30" alt="" />
          <h1>Tasker</h1>
        </div>
        {farewell.value && <Notice>{farewell.value}</Notice>}
        <label class="field">
          <span class="label">Token</span>
          <input
            type="password"
            autoComplete="current-password"
            required
            value={token}
            onInput={(event) => setToken(event.currentTarget.value)}
          />
          <span class="hint">The one that you send as a Bearer token. The session lasts 12 hours.</span>
        </label>
        {error && <Failure of={error} />}
        <button type="submit" class="button main" disabled={isBusy || token.trim() === ''}>
          {isBusy ? 'Logging in …' : 'Log in'}
        </button>
      </form>
    </main>
  );
}
