import type { Actor, Grant } from './index.ts'
import type { Policy } from './policy.ts'

/** For each action on an object: the grant that allows it, or nothing. Undefined as a whole: there is no such object. */
export type Explanation = { name: string; actions: { action: string; grant: Grant | undefined }[] }
export type Explain = (actor: Actor, id: number) => Promise<Explanation | undefined>

let explanations: Record<string, Explain> = {}

export const setExplanations = (all: Record<string, Explain>): void => {
  explanations = all
}

/** Kinds of objects that can be explained. */
export const explainableKinds = (): string[] => Object.keys(explanations)

export const explain = async (kind: string, actor: Actor, id: number): Promise<Explanation | undefined> =>
  Object.hasOwn(explanations, kind) ? explanations[kind]?.(actor, id) : undefined

/** The explanation that a policy gives of one object. */
export const explainBy = <Resource, Action extends string>(
  policy: Policy<Resource, Action>,
  actions: readonly Action[],
  load: (id: number) => Promise<{ name: string; resource: Resource } | undefined>,
): Explain => {
  return async (actor, id) => {
    const found = await load(id)
    if (!found) return undefined
    return {
      name: found.name,
      actions: actions.map((action) => ({ action, grant: policy.explain(actor, action, found.resource) })),
    }
  }
}
