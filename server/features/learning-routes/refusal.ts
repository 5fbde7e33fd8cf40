import { ConflictError } from '../../core/errors.ts'
import type { ClosedReason, Gap, Obstacle, RemovalObstacle } from './rules-types.ts'

/** Why a step in a route was refused. The page puts it into words, because it knows the titles. */
export type Refusal =
  | { kind: 'closed'; because: ClosedReason }
  | { kind: 'unavailable'; topicId: number; obstacles: Obstacle[] }
  /** Somebody else took the last place a moment ago; `alternatives` are topics of the module that can be chosen now. */
  | { kind: 'taken'; topicId: number; alternatives: number[] }
  | { kind: 'not_removable'; topicId: number; obstacle: RemovalObstacle }
  | { kind: 'incomplete'; gaps: Gap[] }
  /** The page showed an older draft than the one that would be sent. */
  | { kind: 'stale' }
  /** The draft is what is already in force. */
  | { kind: 'unchanged' }
  | { kind: 'nothing_to_do' }

/** A step that the rules, the places or the moment forbid. Status 409; nothing was changed. */
export class RouteRefusal extends ConflictError {
  readonly refusal: Refusal

  constructor(refusal: Refusal) {
    super('learning-routes.refusal.general', { values: { reason: refusal.kind } })
    this.refusal = refusal
  }
}
