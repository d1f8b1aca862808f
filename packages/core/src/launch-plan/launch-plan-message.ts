import { create } from "@bufbuild/protobuf";
import {
  ConcurrencyLimitBehavior,
  FixedRateUnit,
  type Notification as NotificationMessage,
  NotificationSchema,
  type Schedule as ScheduleMessage,
} from "@flyte-ts/idl/admin";
import { type Parameter, ParameterSchema, WorkflowExecution_Phase as Phase } from "@flyte-ts/idl/core";
import type { ConversionContext } from "../context/task-context.ts";
import { FlyteError } from "../errors/flyte-error.ts";
import { referenceIdentifier } from "../reference/reference.ts";
import { securityContext } from "../task/task-metadata.ts";
import { type AnyType, hasDefault } from "../types/type-transformer.ts";
import { variable } from "../types/typed-interface.ts";
import { LaunchPlanMessage } from "../wire/admin-messages.ts";
import { launchPlanIdentifier, workflowIdentifier } from "../wire/identifiers.ts";
import { noneLiteral } from "../wire/literals.ts";
import type { Literal } from "../wire/messages.ts";
import type { SerializationSettings } from "../wire/serialization-settings.ts";
import { recipientsOf } from "./check-options.ts";
import type { AnyLaunchPlan } from "./launch-plan.ts";
import type { ExecutionSecurity, LaunchPlanOptions, Notification, NotificationPhase } from "./launch-plan-options.ts";
import { minutesIn, minutesOf, type RateSchedule, type Schedule } from "./schedule.ts";

/**
 * A launch plan as Flyte registers it. Labels, annotations and the raw output prefix are always there, as flytekit sends
 * them.
 * @throws FlyteError `InvalidDefinition` that names the launch plan and every input whose value is not of its type.
 */
export async function launchPlanMessage(
  plan: AnyLaunchPlan,
  settings: SerializationSettings,
  context: ConversionContext,
): Promise<LaunchPlanMessage> {
  const { workflow } = plan;
  const reference = "reference" in workflow ? workflow.reference : undefined;
  const values = new Values(plan.name);
  const parameters = Object.entries(plan.inputs).map(
    async ([name, type]) => [name, await parameter(name, type, values, context)] as const,
  );
  const fixed = Object.entries(plan.fixed).map(async ([name, value]) => {
    const type = workflow.inputs[name] as AnyType;
    return [name, await values.literal(`fixed input "${name}"`, type, value, context)] as const;
  });
  const [defaultInputs, fixedInputs] = [await Promise.all(parameters), await Promise.all(fixed)];
  values.check();
  return LaunchPlanMessage.create({
    id: launchPlanIdentifier(plan.name, settings),
    spec: {
      ...optionsMessage(plan.launchPlan),
      workflowId:
        reference === undefined ? workflowIdentifier(workflow.name, settings) : referenceIdentifier(reference),
      defaultInputs: { parameters: Object.fromEntries(defaultInputs) },
      fixedInputs: { literals: Object.fromEntries(fixedInputs) },
    },
    closure: { expectedInputs: {}, expectedOutputs: {} },
  });
}

/** Makes literals, and keeps what was wrong with them for one error about all. */
class Values {
  readonly #plan: string;
  readonly #problems: string[] = [];

  constructor(plan: string) {
    this.#plan = plan;
  }

  async literal(place: string, type: AnyType, value: unknown, context: ConversionContext): Promise<Literal> {
    try {
      return await type.toLiteral(value, context);
    } catch (error) {
      if (!FlyteError.is(error)) throw error;
      this.#problems.push(`${place}: ${error.message}`);
      return noneLiteral();
    }
  }

  check(): void {
    if (this.#problems.length === 0) return;
    throw new FlyteError("InvalidDefinition", `launch plan ${this.#plan}: ${this.#problems.join("; ")}`);
  }
}

/** An optional input that nothing is said of has none as its default, which is no union's literal (as flytekit's). */
async function parameter(name: string, type: AnyType, values: Values, context: ConversionContext): Promise<Parameter> {
  const value = hasDefault(type) ? type.defaultValue : type.isOptional ? null : undefined;
  const behavior: Parameter["behavior"] =
    value === undefined
      ? { case: "required", value: true }
      : {
          case: "default",
          value:
            value === null && type.isOptional
              ? noneLiteral()
              : await values.literal(`default of input "${name}"`, type, value, context),
        };
  return create(ParameterSchema, { var: variable(name, type), behavior });
}

function optionsMessage(options: LaunchPlanOptions) {
  const { schedule, notifications = [], labels = {}, annotations = {}, security, environment } = options;
  const { rawOutputPrefix = "", maxParallelism = 0, concurrency, overwriteCache = false, interruptible } = options;
  return {
    entityMetadata: {
      notifications: notifications.map(notificationMessage),
      ...(schedule === undefined ? {} : { schedule: scheduleMessage(schedule) }),
    },
    labels: { values: { ...labels } },
    annotations: { values: { ...annotations } },
    rawOutputDataConfig: { outputLocationPrefix: rawOutputPrefix },
    maxParallelism,
    overwriteCache,
    ...(security === undefined ? {} : { securityContext: securityMessage(security) }),
    ...(interruptible === undefined ? {} : { interruptible }),
    ...(environment === undefined
      ? {}
      : { envs: { values: Object.entries(environment).map(([key, value]) => ({ key, value })) } }),
    ...(concurrency === undefined
      ? {}
      : { concurrencyPolicy: { max: concurrency.max, behavior: ConcurrencyLimitBehavior.SKIP } }),
  };
}

function securityMessage({ serviceAccount = "", iamRole = "", secrets = [] }: ExecutionSecurity) {
  const runAs =
    serviceAccount === "" && iamRole === "" ? {} : { runAs: { k8sServiceAccount: serviceAccount, iamRole } };
  return { ...runAs, secrets: securityContext(secrets)?.secrets ?? [] };
}

const phases: Readonly<Record<NotificationPhase, Phase>> = {
  succeeded: Phase.SUCCEEDED,
  failed: Phase.FAILED,
  aborted: Phase.ABORTED,
  timedOut: Phase.TIMED_OUT,
};

function notificationMessage(notification: Notification): NotificationMessage {
  const { kind = "email", addresses = [] } = recipientsOf(notification) ?? {};
  return create(NotificationSchema, {
    phases: notification.phases.map((phase) => phases[phase]),
    type: { case: kind, value: { recipientsEmail: [...addresses] } },
  });
}

/** A rate is sent in the largest unit that it is whole in, as flytekit sends it. */
function scheduleMessage(schedule: Schedule): ScheduleMessage {
  return {
    $typeName: "flyteidl.admin.Schedule",
    kickoffTimeInputArg: schedule.kickoffInput ?? "",
    ScheduleExpression:
      "cron" in schedule
        ? {
            case: "cronSchedule",
            value: {
              $typeName: "flyteidl.admin.CronSchedule",
              schedule: schedule.cron,
              offset: schedule.offset ?? "",
            },
          }
        : { case: "rate", value: { $typeName: "flyteidl.admin.FixedRate", ...rate(schedule) } },
  };
}

function rate(schedule: RateSchedule): { readonly value: number; readonly unit: FixedRateUnit } {
  const minutes = minutesOf(schedule);
  if (minutes % minutesIn.days === 0) return { value: minutes / minutesIn.days, unit: FixedRateUnit.DAY };
  if (minutes % minutesIn.hours === 0) return { value: minutes / minutesIn.hours, unit: FixedRateUnit.HOUR };
  return { value: minutes, unit: FixedRateUnit.MINUTE };
}
