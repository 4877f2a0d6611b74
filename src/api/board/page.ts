import { ExpressAdapter } from '@bull-board/express';

const FOREIGN_LINK = /<link href="https:[^>]*>/g;

/**
 * What the board's page offers and we refuse. It can only be made to hide everything that changes something, retries
 * too; so what is closed is told apart by its icon.
 */
const REFUSED = [
  ...['jobActions', 'queueActions'].map((list) => `[class*="${list}-"] li:not(:has(.lucide-refresh-cw))`),
  ...['plus', 'chart-no-axes-gantt', 'gauge', 'trash-2', 'ban'].map(
    (icon) => `[role="menuitem"]:has(.lucide-${icon})`,
  ),
  ...['play', 'pencil', 'trash-2'].map((icon) => `td button:has(.lucide-${icon})`),
  '[class*="editButton-"]',
];
const HIDDEN = `<style>${REFUSED.join(',')}{display:none!important}</style>`;

/**
 * The board's page, without what it asks another site for (fonts: our policy forbids that, and the browser would
 * complain each time), and without the buttons of what is closed.
 */
export class BoardPage extends ExpressAdapter {
  override setEntryRoute({ route, handler }: Parameters<ExpressAdapter['setEntryRoute']>[0]): this {
    this.app.get(route, (_req, res, next) => {
      const { name, params } = handler({ basePath: this.basePath, uiConfig: this.uiConfig });
      res.render(name, params, (error, page) => {
        if (error) next(error);
        else res.send(page.replaceAll(FOREIGN_LINK, '').replace('</head>', `${HIDDEN}</head>`));
      });
    });
    return this;
  }
}
