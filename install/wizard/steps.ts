import { type PageOptions, page, type Reply, redirect } from '../../server/core/http/reply.ts'
import type { AnyContext } from '../../server/core/http/route.ts'
import type { SetupState, SetupStore } from './state.ts'

export const STEPS = ['machine', 'database', 'authority', 'administrator', 'mail', 'content', 'finish'] as const
export type Step = (typeof STEPS)[number]

/** Whoever takes over a finished installation has nothing to say about people and content. */
const stepsFor = (state: SetupState): readonly Step[] =>
  state.takeOver ? (['machine', 'database', 'finish'] as const) : STEPS

function isDone(step: Step, state: SetupState): boolean {
  switch (step) {
    case 'machine':
      return state.machineSeen === true
    case 'finish':
      return false
    default:
      return state[step] !== undefined
  }
}

/** The first step that is still to be done: where the wizard is resumed. */
export const currentStep = (state: SetupState): Step => stepsFor(state).find((step) => !isDone(step, state)) as Step

/** Whether everything before the step has been answered. */
function isReachable(step: Step, state: SetupState): boolean {
  const steps = stepsFor(state)
  const index = steps.indexOf(step)
  return index >= 0 && steps.slice(0, index).every((earlier) => isDone(earlier, state))
}

export const pathOf = (step: Step): string => `/setup/${step}`

/** After a step: the next one, also when a former step was only corrected. */
export function redirectAfter(step: Step, store: SetupStore): Reply {
  const steps = stepsFor(store.read())
  return redirect(pathOf(steps[steps.indexOf(step) + 1] ?? 'finish'))
}

/** The page of a step with the chain of steps above it; who came too early is led to where they are. */
export function stepPage(
  context: AnyContext,
  store: SetupStore,
  step: Step,
  model: Record<string, unknown>,
  options: Partial<PageOptions> = {},
): Reply {
  const state = store.read()
  if (!isReachable(step, state)) return redirect(pathOf(currentStep(state)))
  const steps = stepsFor(state)
  const stepper = {
    steps: steps.map((name) => ({
      label: context.t(`install.steps.${name}`),
      state: name === step ? 'current' : isDone(name, state) ? 'done' : 'todo',
      href: name !== step && isReachable(name, state) ? pathOf(name) : undefined,
    })),
  }
  const before = steps[steps.indexOf(step) - 1]
  return page(
    `install/${step}`,
    { ...model, stepper, back: before ? pathOf(before) : null },
    {
      title: context.t(`install.${step}.title`),
      subtitle: context.t(`install.${step}.subtitle`),
      layout: 'plain',
      wide: true,
      styles: ['install.css'],
      ...options,
    },
  )
}
