import type { Translate } from '../i18n/index.ts'
import { type Actor, hasAnywhere } from '../rights/index.ts'

/** An entry of the side navigation: shown to whom the permission says, at most seven per person, by `order`. */
export type NavigationItem = {
  /** Key of its text. */
  key: string
  href: string
  icon: string
  order: number
  /** A permission held anywhere, or a finer test of the actor's grants. Absent: everyone signed in. */
  permission?: string
  visible?: (actor: Actor) => boolean
  /** Stands on the page of that group, not in the side navigation; `hint` is the key of a line that says what it is for. */
  group?: 'administration'
  hint?: string
}

let items: readonly NavigationItem[] = []

export const setNavigation = (all: readonly NavigationItem[]): void => {
  items = [...all].sort((a, b) => a.order - b.order)
}

const isActive = (href: string, path: string) =>
  href === '/' ? path === '/' : path === href || path.startsWith(`${href}/`)

const mayUse = (item: NavigationItem, actor: Actor) =>
  (!item.permission || hasAnywhere(actor, item.permission)) && (!item.visible || item.visible(actor))

/** The navigation of a person, in their own words. */
export const navigationFor = (actor: Actor, path: string, t: Translate) =>
  actor.personId === null
    ? []
    : items
        .filter((item) => !item.group && mayUse(item, actor))
        .slice(0, 7)
        .map((item) => ({ href: item.href, label: t(item.key), icon: item.icon, active: isActive(item.href, path) }))

/** What stands on the page of a group. */
export const groupEntries = (group: NavigationItem['group'], actor: Actor, t: Translate) =>
  items
    .filter((item) => item.group === group && mayUse(item, actor))
    .map((item) => ({ href: item.href, label: t(item.key), hint: item.hint ? t(item.hint) : '', icon: item.icon }))
