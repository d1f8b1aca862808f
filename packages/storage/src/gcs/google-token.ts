import { FlyteError } from "@flyte-ts/core/plugin";
import { GoogleAuth, JWT } from "google-auth-library";
import { networkError } from "../transfer/network-error.ts";
import type { GcsStorageOptions } from "./gcs-options.ts";

/** Gives the headers that authorize a request; tokens are kept until they expire. */
export type Authorize = (url: URL) => Promise<Readonly<Record<string, string>>>;

/** Google's chain of credentials, or those that the options name. */
export function googleAuthorize({ credentials, keyFile }: GcsStorageOptions): Authorize {
  const scopes = ["https://www.googleapis.com/auth/devstorage.read_write"];
  const auth =
    credentials === undefined
      ? new GoogleAuth({ scopes, ...(keyFile === undefined ? {} : { keyFilename: keyFile }) })
      : new JWT({ email: credentials.client_email, key: credentials.private_key, scopes });
  return async (url) => {
    try {
      const headers = await auth.getRequestHeaders(url.href);
      return Object.fromEntries(headers);
    } catch (error) {
      throw tokenError(error);
    }
  };
}

/** True for the error that says that there are no credentials at all. */
export function isWithoutCredentials(error: unknown): boolean {
  return FlyteError.is(error) && /no credentials for Google/.test(error.message);
}

function tokenError(error: unknown): FlyteError {
  const { message = "", status, code } = error as { message?: string; status?: number; code?: string | number };
  if (/could not load the default credentials/i.test(message)) {
    const advice = "set GOOGLE_APPLICATION_CREDENTIALS, or give the pod a service account of Google's";
    return new FlyteError("PermissionDenied", `no credentials for Google were found: ${advice}`, { cause: error });
  }
  const answered = status ?? (typeof code === "number" ? code : Number(code));
  if (answered >= 500 || answered === 429) {
    return new FlyteError("Unavailable", `Google gives no token: ${message}`, { cause: error });
  }
  if (typeof code === "string" && /^E[A-Z]+$/.test(code)) return networkError(error, "Google's token");
  return new FlyteError("PermissionDenied", `Google gives no token: ${message}`, { cause: error });
}
