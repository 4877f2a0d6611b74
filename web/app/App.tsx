import { LoginPage } from '../pages/login/LoginPage.tsx';
import { Frame } from './Frame.tsx';
import { Page } from './Page.tsx';
import { session } from './session.ts';

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
