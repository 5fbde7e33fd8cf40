import { db, insertRow, toJson, withTransaction } from '../../../core/db/index.ts'
import { ConflictError, ForbiddenError, InputError } from '../../../core/errors.ts'
import { recordEvent } from '../../../core/events/index.ts'
import { type Actor, hasEverywhere } from '../../../core/rights/index.ts'
import { fold, type Translated } from '../../../core/text.ts'
import { nowUtc } from '../../../core/time.ts'
import { type Direction, moved, nextPosition, savePositions } from '../../programmes/order.ts'
import type { FieldInput, FieldUpdate } from './input.ts'
import type { FieldKind } from './kinds.ts'
import { listFields, type PersonField, selectField } from './queries.ts'

function demandDefine(actor: Actor): void {
  if (!hasEverywhere(actor, 'people.fields')) throw new ForbiddenError()
}

const record = (actor: Actor, type: string, id: number, data: Record<string, unknown>) =>
  recordEvent(actor, type, { type: 'personField', id }, data)

const MOST_FIELDS = 200
const hasOptions = (kind: FieldKind) => kind === 'choice' || kind === 'choices'

/** Lists from outside name fields by words: two in use never share a title in any language. */
function demandFreeTitle(title: Translated, others: readonly PersonField[]) {
  const wanted = new Set(Object.values(title).map(fold))
  if (others.some((other) => other.isActive && Object.values(other.title).some((text) => wanted.has(fold(text)))))
    throw InputError.of('title', 'person-fields.problem.titleTaken')
}

/** Whoever may edit a field sees it. */
const columnsOf = ({
  title,
  hint,
  section,
  isRequired,
  seenBy,
  editedBy,
}: Omit<FieldUpdate, 'version' | 'options'>) => ({
  title: toJson(title),
  hint: toJson(hint),
  section: toJson(section),
  is_required: isRequired ? 1 : 0,
  seen_by: toJson([...new Set([...seenBy, ...editedBy])]),
  edited_by: toJson(editedBy),
  updated_at: nowUtc(),
})

const filledIn = (title: Translated) => Object.keys(title).length > 0

/** Renames the options that are there, closes emptied ones, adds new ones behind. */
async function saveOptions(field: Pick<PersonField, 'id' | 'kind' | 'options'>, typed: FieldInput['options']) {
  if (!hasOptions(field.kind)) return
  const titles: Translated[] = Object.values(typed).filter(filledIn)
  if (!titles.length) throw InputError.of('options', 'person-fields.problem.options')
  const words = titles.flatMap((title) => [...new Set(Object.values(title).map(fold))])
  if (new Set(words).size !== words.length) throw InputError.of('options', 'person-fields.problem.optionTwice')
  for (const option of field.options) {
    const title = typed[`o${option.id}`]
    if (!title) continue
    const columns = filledIn(title) ? { title: toJson(title), state: 'active' } : { state: 'closed' }
    await db()('person_field_options').where({ id: option.id, field_id: field.id }).update(columns)
  }
  let position = field.options.length
  for (const [key, title] of Object.entries(typed)) {
    if (!key.startsWith('new') || !filledIn(title)) continue
    await insertRow('person_field_options', { field_id: field.id, title: toJson(title), position: ++position })
  }
}

/** Adds a field behind the last one. @returns its id */
export async function createField(actor: Actor, input: FieldInput): Promise<number> {
  return withTransaction(async () => {
    demandDefine(actor)
    const all = await listFields()
    if (all.length >= MOST_FIELDS) throw InputError.of('', 'person-fields.problem.most', { limit: MOST_FIELDS })
    demandFreeTitle(input.title, all)
    const position = await nextPosition('person_fields', {})
    const row = { ...columnsOf(input), kind: input.kind, position, created_at: nowUtc() }
    const id = await insertRow('person_fields', row)
    await saveOptions({ id, kind: input.kind, options: [] }, input.options)
    await record(actor, 'personFieldCreated', id, { after: input })
    return id
  })
}

/** Changes a field, but not what it holds. @throws ConflictError if it was changed since `version` was read */
export async function updateField(actor: Actor, id: number, input: FieldUpdate): Promise<void> {
  await withTransaction(async () => {
    demandDefine(actor)
    const before = await selectField(id)
    const others = (await listFields()).filter((other) => other.id !== id)
    if (before.isActive) demandFreeTitle(input.title, others)
    await changeField(id, input.version, columnsOf(input))
    await saveOptions(before, input.options)
    await record(actor, 'personFieldChanged', id, { before, after: input })
  })
}

async function changeField(id: number, version: number, columns: object) {
  const changed = await db()('person_fields')
    .where({ id, version })
    .update({ ...columns, version: version + 1 })
  if (!changed) throw new ConflictError()
}

/** Puts a field away, so that no page shows it, or takes it back. Its values stay. */
export async function setFieldState(
  actor: Actor,
  id: number,
  { state, version }: { state: 'active' | 'archived'; version: number },
): Promise<void> {
  await withTransaction(async () => {
    demandDefine(actor)
    const before = await selectField(id)
    if (state === 'active')
      demandFreeTitle(
        before.title,
        (await listFields()).filter((other) => other.id !== id),
      )
    await changeField(id, version, { state, updated_at: nowUtc() })
    await record(actor, state === 'archived' ? 'personFieldArchived' : 'personFieldRestored', id, {
      what: Object.values(before.title)[0],
    })
  })
}

/** Moves a field by one place among those in use. */
export async function moveField(actor: Actor, id: number, direction: Direction): Promise<void> {
  await withTransaction(async () => {
    demandDefine(actor)
    await selectField(id)
    const inUse = (await listFields()).filter(({ isActive }) => isActive).map((field) => field.id)
    await savePositions('person_fields', moved(inUse, id, direction))
    await record(actor, 'personFieldMoved', id, { direction })
  })
}
