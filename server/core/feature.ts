import type { Subscription } from './events/index.ts'
import type { FileUse } from './files/uses.ts'
import type { Tour } from './help/tours.ts'
import type { Cleaning, Keeping } from './housekeeping/index.ts'
import type { NavigationItem } from './http/navigation.ts'
import type { Routes } from './http/route.ts'
import type { JobDefinition } from './jobs/index.ts'
import type { NoticeKind } from './notices/index.ts'
import type { PersonalData } from './personal-data/declarations.ts'
import type { SocketHandler } from './realtime/index.ts'
import type { Explain } from './rights/explanations.ts'
import type { Actor } from './rights/index.ts'
import type { PermissionDeclaration } from './rights/roles.ts'
import type { SearchKind } from './search/index.ts'
import type { VisibilitySwitch } from './visibility.ts'

/** The face of a feature: everything that the rest of the system needs to know of it. */
export type Feature = {
  name: string
  /** Every permission that the feature checks, and the ready-made roles that begin with it (administrators have all). */
  permissions?: Record<string, PermissionDeclaration>
  routes?: (routes: Routes) => void
  navigation?: NavigationItem[]
  /** A short way round a role's first page, offered at the first visit. */
  tours?: readonly Tour[]
  subscriptions?: Subscription[]
  jobs?: JobDefinition[]
  /** What the feature tells people of, by `feature.name`. */
  notices?: Record<string, NoticeKind>
  /** What of the feature nobody needs after a while: removed once a day, in batches. */
  housekeeping?: readonly Cleaning[]
  /** The same, for a period that an administrator may change. */
  retention?: readonly Keeping[]
  /** Which of the feature's tables hold something about people, how it is shown and what an erasure leaves of it. */
  personalData?: PersonalData
  sockets?: SocketHandler[]
  /** Domain events of the feature after which somebody may have fewer rights: open sockets are looked at anew. */
  endsRights?: readonly string[]
  /** Who may read a file that hangs on one of the feature's objects, by owner type of the attachment. */
  fileOwners?: Record<string, (actor: Actor, ownerId: number) => Promise<boolean>>
  /** What the feature takes files for: their names, largest sizes, and whose room they take. */
  fileUses?: Record<string, FileUse>
  /** Why a person may (or may not) do something with one of the feature's objects, by kind of object. */
  explanations?: Record<string, Explain>
  /** What of the feature can be found by the search. */
  search?: readonly SearchKind[]
  /** What of the feature may be shown to whom, by the key of its text (`feature.visibility.name`); see core/visibility.ts. */
  visibility?: Record<string, VisibilitySwitch>
  /** What waits for a decision of this person, for the administrator's first page: key of a sentence, number, address. */
  attention?: (actor: Actor) => Promise<Attention[]>
}

export type Attention = { key: string; count: number; href: string }
