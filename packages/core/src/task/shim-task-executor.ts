import type { TaskContext } from "../context/task-context.ts";
import type { TaskTemplate } from "../wire/messages.ts";

/**
 * Runs every task of one task type from its template alone: the author of a plugin writes one, and ships it in an image.
 *
 * A `FlyteError` of kind user fails the task for good (USER, NON_RECOVERABLE); anything else that is thrown is taken for
 * a fault of the platform and may be tried again (SYSTEM, RECOVERABLE).
 */
export interface ShimTaskExecutor {
  /**
   * @param template the task, as the author's compiler serialised it; `custom` holds its configuration.
   * @param inputs native values by name, of the types that the template's interface guesses.
   * @returns native values by output name, for every output that the template declares.
   */
  executeFromModel(
    template: TaskTemplate,
    inputs: Readonly<Record<string, unknown>>,
    context: TaskContext,
  ): Promise<Readonly<Record<string, unknown>>>;
}
