import { Router } from 'express';
import swaggerUi from 'swagger-ui-express';
import type { OpenapiDocument } from './document.ts';

/** `/openapi.json`, and Swagger UI at `/docs`. */
export function docsRouter(document: OpenapiDocument): Router {
  const router = Router({ caseSensitive: true });
  const options = { customSiteTitle: 'Tasker API', swaggerOptions: { persistAuthorization: false } };
  const page = swaggerUi.generateHTML(document, options);
  // The page's own links are relative and need the slash; without it they would miss the directory.
  const pageWithoutSlash = page.replaceAll('"./', '"./docs/');
  router.get('/openapi.json', (_req, res) => {
    res.json(document);
  });
  router.get('/docs', (req, res) => {
    res.type('html').send(req.path.endsWith('/') ? page : pageWithoutSlash);
  });
  router.use('/docs', ...swaggerUi.serveFiles(document, options));
  return router;
}
