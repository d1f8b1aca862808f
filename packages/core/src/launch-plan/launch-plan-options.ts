import type { SecretRequest } from "../task/task-metadata.ts";
import type { Schedule } from "./schedule.ts";

/** The ends of an execution that mails can be sent at. */
export const notificationPhases = ["succeeded", "failed", "aborted", "timedOut"] as const;

/** The end of an execution that a mail is sent at. */
export type NotificationPhase = (typeof notificationPhases)[number];

/** A mail at the end of an execution: to people, or to the addresses that Slack or PagerDuty give out. */
export type Notification = {
  /** At which ends. */
  readonly phases: readonly NotificationPhase[];
} & (
  | { readonly email: readonly string[] }
  | { readonly slack: readonly string[] }
  | { readonly pagerDuty: readonly string[] }
);

/** As whom an execution's containers run, and the secrets that all of them get. */
export interface ExecutionSecurity {
  /** The Kubernetes service account. */
  readonly serviceAccount?: string;
  /** The role of the cloud's (on AWS an IAM role's ARN). */
  readonly iamRole?: string;
  readonly secrets?: readonly SecretRequest[];
}

/** How many executions of a launch plan may run at a time. */
export interface Concurrency {
  /** The most that run at a time, over all versions. */
  readonly max: number;
  /** What happens to one more: it is not started. The only behaviour that Flyte has. */
  readonly behavior?: "skip";
}

/** What a launch plan says about the executions that it starts. */
export interface LaunchPlanOptions<KickoffInput extends string = string> {
  /** Starts it by itself, once the launch plan is active. */
  readonly schedule?: Schedule<KickoffInput>;
  readonly notifications?: readonly Notification[];
  /** Labels of the executions' resources in Kubernetes, whose rules they keep; 16 at most. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Annotations of the executions' resources in Kubernetes. */
  readonly annotations?: Readonly<Record<string, string>>;
  readonly security?: ExecutionSecurity;
  /** The URI below which tasks put files and datasets; the platform's own by default. */
  readonly rawOutputPrefix?: string;
  /** How many nodes of an execution run at a time; a map task counts as one. */
  readonly maxParallelism?: number;
  readonly concurrency?: Concurrency;
  /** Computes anew what is in the cache, and puts that in its place. False by default. */
  readonly overwriteCache?: boolean;
  /** Whether tasks that do not say so themselves may run on machines that can be taken away. */
  readonly interruptible?: boolean;
  /** Environment variables of all containers. */
  readonly environment?: Readonly<Record<string, string>>;
}
