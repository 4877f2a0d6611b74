import { LoginPage } from '../pages/login/LoginPage.tsx';
import { session } from '../state/session.ts';
import { Frame } from './Frame.tsx';
import { Page } from './Page.tsx';

export function App() {
  const who = session.value;
  if (who === undefined) return <p class="empty">Tasker is loading …</p>;
  if (who === null) return <LoginPage />;
  return (
    <Frame who={who}>
      <Page who={who} />
    </Frame>
  );
}
