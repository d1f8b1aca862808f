import { FlyteError, retryAfterMs } from "@flyte-ts/core/plugin";
import type { HttpAnswer } from "./http-request.ts";
import { shownUrl } from "./http-url.ts";

/** What an answer that carries no object means; `now` is what `Retry-After` dates are measured from. */
export function statusError({ status, headers, body }: HttpAnswer, url: URL, now: number): FlyteError {
  const said = `${status}${body.statusMessage ? ` ${body.statusMessage}` : ""}`;
  const name = shownUrl(url);
  const wait = retryAfterMs(headers["retry-after"], now);
  const asked = wait === undefined ? {} : { retryAfterMs: wait };
  if (status === 404 || status === 410) return new FlyteError("NotFound", `there is nothing at ${name} (${said})`);
  if (status === 401 || status === 403 || status === 407) {
    return new FlyteError("PermissionDenied", `${name} may not be read: the server answers ${said}`);
  }
  if (status === 429) return new FlyteError("Throttled", `${name}: too many requests (${said})`, asked);
  if (status >= 500 || status === 408 || status === 425) {
    return new FlyteError("Unavailable", `${name}: the server answers ${said}`, asked);
  }
  if (status >= 400) return new FlyteError("InvalidInput", `${name}: the server answers ${said}`);
  return new FlyteError("InvalidInput", `${name}: the server answers ${said}, which carries no object`);
}
