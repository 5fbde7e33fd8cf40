import type { Translate } from '../i18n/index.ts'
import type { Actor } from '../rights/index.ts'

/** One stop of a tour: the element of the page (`data-tour`), and the key of what is said (`…Title` is its heading). */
export type TourStep = { at: string; key: string }

/** A short way round a page that somebody opens for the first time, offered once and never forced. */
export type Tour = {
  /** In the address, and in what the person has seen. */
  name: string
  /** The page on which it begins. */
  path: string
  /** For whom it is. */
  visible: (actor: Actor) => boolean
  /** Three to five. One whose element is not on the page is passed over. */
  steps: readonly TourStep[]
}

let tours: readonly Tour[] = []

export const setTours = (all: readonly Tour[]): void => {
  tours = all
}

/** The tours of a person, those of their first pages first. */
export const toursOf = (actor: Actor): Tour[] =>
  actor.personId === null ? [] : tours.filter((tour) => tour.visible(actor))

/**
 * What a page offers: the first tour that begins there and that the person has not seen, or the one that was asked for.
 * @param asked the name in the address (`?tour=`): it begins at once
 */
export function tourOn(path: string, actor: Actor, asked: unknown, t: Translate) {
  const here = toursOf(actor).filter((tour) => tour.path === path)
  const wanted = here.find((tour) => tour.name === asked)
  const tour = wanted ?? here.find(({ name }) => !actor.seenTours?.includes(name))
  if (!tour) return null
  return {
    name: tour.name,
    begins: wanted !== undefined,
    steps: tour.steps.map(({ at, key }) => ({ at, title: t(`${key}Title`), text: t(key) })),
  }
}
