import type { RequestHandler, Response } from 'express';

/** Of what belongs to no route: paths that callers make up would each be a name of their own. */
const NO_ROUTE = 'none';

const names = new WeakMap<Response, string>();

/** From here on the request counts as one of this route. */
export function ofRoute(path: string): RequestHandler {
  return (_req, res, next) => {
    names.set(res, path);
    next();
  };
}

/** The path of the route as it stands in the API docs. */
export function routeName(res: Response): string {
  return names.get(res) ?? NO_ROUTE;
}
