import type { Slot } from './query.ts'
import { type Form, type Found, lookUp, lookUpAlike } from './vocabulary.ts'

/** What may have been meant by each word that was typed. */
export type Meaning = {
  words: Form[][]
  reading: 'typed' | 'layout' | 'alike'
  /** By the other keyboard: what that would have been. */
  readAs: string
  found: Map<Slot, Found>
  alike: Map<string, Form[]>
}

/** A single word must not stand for half of the index: rarer beginnings come after the commonest, up to so many hits. */
const MOST_BEGUN_DOCUMENTS = 3000

/**
 * Understands each word by itself: as it stands, else as a beginning, else by the other keyboard, else as something that is
 * written nearly so. One query, two if there are mistakes.
 */
export async function readQuery(slots: readonly Slot[], isTyping: boolean): Promise<Meaning> {
  const found = await lookUp(slots)
  const plain = slots.map((slot, at) => asTyped(found.get(slot) as Found, isTyping && at === slots.length - 1))
  const switched = slots.map((slot) => byOtherKeyboard(found.get(slot) as Found))
  const strange = slots.filter((_slot, at) => !plain[at]?.length && !switched[at]?.length)
  const alike = strange.length ? await lookUpAlike(strange.flatMap(({ word, others }) => [word, ...others])) : new Map()
  const isAlone = slots.length === 1
  const words = slots.map((slot, at) => {
    const direct = plain[at]?.length ? plain[at] : (switched[at] as Form[])
    return withinMeasure(direct.length ? direct : allAlike(slot, alike), isAlone)
  })
  const usesOther = slots.some((_slot, at) => !plain[at]?.length && switched[at]?.length)
  const reading = strange.length ? 'alike' : usesOther ? 'layout' : 'typed'
  const readAs = slots.map((slot, at) => (plain[at]?.length ? slot.word : (slot.others.at(-1) ?? slot.word))).join(' ')
  return { words, reading, readAs, found, alike }
}

/**
 * Understands every word in all ways at once, for what was not found as it stands.
 * @returns undefined if that adds nothing
 */
export async function readAgain(slots: readonly Slot[], before: Meaning): Promise<Meaning | undefined> {
  const missing = slots.flatMap(({ word, others }) => [word, ...others]).filter((word) => !before.alike.has(word))
  const alike = new Map([...before.alike, ...(missing.length ? await lookUpAlike(missing) : [])])
  const words = slots.map((slot) => {
    const { direct, begun, otherDirect, otherBegun } = before.found.get(slot) as Found
    return distinct([...direct, ...begun, ...otherDirect, ...otherBegun, ...allAlike(slot, alike)])
  })
  const adds = words.some((forms, at) => forms.length > (before.words[at]?.length ?? 0))
  return adds ? { ...before, words, alike, reading: 'alike' } : undefined
}

function asTyped({ direct, begun }: Found, isTyping: boolean): Form[] {
  if (isTyping) return distinct([...direct, ...begun])
  return direct.length ? direct : begun
}

const byOtherKeyboard = ({ otherDirect, otherBegun }: Found): Form[] => (otherDirect.length ? otherDirect : otherBegun)

const allAlike = ({ word, others }: Slot, alike: ReadonlyMap<string, Form[]>): Form[] =>
  distinct([word, ...others].flatMap((typed) => alike.get(typed) ?? []))

/** Each word of the vocabulary once, as well as it fits. */
function distinct(forms: readonly Form[]): Form[] {
  const best = new Map<number, Form>()
  for (const form of forms) {
    if ((best.get(form.id)?.quality ?? 0) < form.quality) best.set(form.id, form)
  }
  return [...best.values()]
}

function withinMeasure(forms: Form[], isAlone: boolean): Form[] {
  if (!isAlone) return forms
  const best = Math.max(...forms.map(({ quality }) => quality))
  let documents = 0
  return forms.filter((form) => {
    const fits =
      form.quality === best ? documents < MOST_BEGUN_DOCUMENTS : documents + form.documents <= MOST_BEGUN_DOCUMENTS
    if (fits) documents += form.documents
    return fits
  })
}
