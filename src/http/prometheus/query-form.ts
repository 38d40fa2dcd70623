import type { FastifyInstance } from 'fastify';
import { parseQuery } from '../request/parse-query.js';
import { badRequest } from '../request/query-params.js';

/** Larger than any query that is parsed, and parsed in some 20 ms; Prometheus itself takes 10 MB. */
const MAX_FORM_BYTES = 1 << 18;

/** More than any request has, also one with many match[]. */
const MAX_PARAMETERS = 1_000;

/** The parameters of a request to the query API, from its URL and, where it is a POST, from its form. */
export type QueryForm = Readonly<Record<string, string | string[] | undefined>>;

/** Lets the routes of a plugin take forms, which Grafana prefers: a query may be longer than a URL. */
export function takeForms(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string', bodyLimit: MAX_FORM_BYTES },
    async (_request: unknown, body: string) => {
      if (body.split('&', MAX_PARAMETERS + 1).length > MAX_PARAMETERS)
        throw badRequest(`the form has more than ${MAX_PARAMETERS} parameters`);
      return parseQuery(body);
    },
  );
}

/** As Go's `FormValue` has it: what the form says comes before the URL; lists are those of both. */
export function formOf(request: { query: unknown; body: unknown }): QueryForm {
  const url = request.query as Record<string, string | string[]>;
  const form = (request.body ?? {}) as Record<string, string | string[]>;
  const both: Record<string, string | string[]> = { ...url, ...form };
  for (const [name, value] of Object.entries(form)) {
    const more = url[name];
    if (Array.isArray(value) && more !== undefined) both[name] = [value, more].flat();
  }
  return both;
}

/** The one value of a parameter; undefined where it is absent or empty. */
export function param(form: QueryForm, name: string): string | undefined {
  const value = [form[name] ?? []].flat()[0];
  return value === '' ? undefined : value;
}

/** All values of a list such as `match[]`. */
export function listParam(form: QueryForm, name: string): string[] {
  return [form[name] ?? []].flat();
}
