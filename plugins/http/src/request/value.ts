import type { PlainFloat } from "@flyte-ts/core/plugin";

/** An input's value as JSON can say it. A `PlainFloat` is a float, even without a fraction; integers are exact. */
export type Value =
  | null
  | boolean
  | number
  | bigint
  | string
  | PlainFloat
  | readonly Value[]
  | { readonly [key: string]: Value };
