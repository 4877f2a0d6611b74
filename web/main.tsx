import { render } from 'preact';
import './styles/tokens.css';
import './styles/base.css';
import './styles/frame.css';
import './styles/parts.css';
import './styles/progress.css';
import { App } from './app/App.tsx';
import { loadSession } from './state/login.ts';
import { applyTheme } from './state/theme.ts';

applyTheme();
void loadSession();
const root = document.getElementById('app');
if (root) render(<App />, root);
