/** Requests of the console: this origin's API alone, with the token if there is one. */

/** An answer that is not a success. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly body: unknown;
  constructor(status: number, code: string, message: string, body?: unknown) {
    super(message);
    this.status = status;
    this.code = code;
    this.body = body;
  }
}

const TOKEN = 'clair-token';
/** Kept until the tab is closed. */
export function keepToken(token: string | null): void {
  if (token === null) sessionStorage.removeItem(TOKEN);
  else sessionStorage.setItem(TOKEN, token);
}

/** `path` below the console's API; `../` leads to the rest of the API. */
export function apiUrl(path: string): URL {
  return new URL(path, new URL('../api/v1/console/', document.baseURI));
}

export interface Call {
  readonly method?: 'GET' | 'POST' | 'PATCH' | 'PUT';
  /** Sent as JSON. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/** Sends a request. Throws an ApiError for every answer but 2xx; status 0: no answer. */
export async function call(
  path: string,
  { method = 'GET', body, headers = {}, signal }: Call = {},
): Promise<Response> {
  const token = sessionStorage.getItem(TOKEN);
  let response: Response;
  try {
    response = await fetch(apiUrl(path), {
      method,
      headers: {
        ...(token !== null && { authorization: `Bearer ${token}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        // A form of another site cannot send it.
        ...(method !== 'GET' && { 'clair-console': '1' }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      ...(signal && { signal }),
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new ApiError(0, 'unreachable', 'Clair is not reachable. Check the connection, then retry.');
  }
  if (response.ok) return response;
  const said = (await response.json().catch(() => ({}))) as { code?: string; message?: string };
  if (response.status === 401) {
    const wasSent = token !== null;
    keepToken(null);
    const text = wasSent ? 'The token was rejected: it is expired, or Clair does not know its issuer.' : '';
    throw new ApiError(401, said.code ?? 'unauthorized', text, said);
  }
  const message = said.message ?? `Clair returned status ${response.status}.`;
  throw new ApiError(response.status, said.code ?? '', message, said);
}

export async function getJson<T>(path: string, signal?: AbortSignal): Promise<T> {
  const response = await call(path, { ...(signal && { signal }) });
  if (response.status === 202) throw new ApiError(202, 'not-ready', 'No advisory feed is loaded yet.');
  return (await response.json()) as T;
}

export async function send<T>(path: string, options: Call): Promise<T> {
  const response = await call(path, { method: 'POST', ...options });
  const text = await response.text();
  return (text === '' ? undefined : JSON.parse(text)) as T;
}

/** Pages of a list in one file: 200 rows each. */
const MAX_PAGES = 100;

/** Saves an answer of the API as a file: links cannot carry the token. A list is saved with all of its pages. */
export async function download(path: string, name: string, accept?: string): Promise<void> {
  const parts: BlobPart[] = [];
  let next: string | undefined = path;
  for (let page = 0; next !== undefined && page < MAX_PAGES; page++) {
    const response = await call(next, accept === undefined ? {} : { headers: { accept } });
    // Every page of CSV begins with the names of the columns.
    parts.push(page === 0 ? await response.blob() : (await response.text()).replace(/^.*\r?\n/, ''));
    const link = /<([^>]+)>;\s*rel="next"/.exec(response.headers.get('link') ?? '')?.[1];
    // Its query alone: a proxy may serve the API below a prefix that the link does not have.
    next = link === undefined ? undefined : `${path.split('?')[0]}${new URL(link, response.url).search}`;
  }
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob(parts));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
