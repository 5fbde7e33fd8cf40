import { db } from '../../../core/db/index.ts'
import { ForbiddenError, NotFoundError } from '../../../core/errors.ts'
import type { Actor } from '../../../core/rights/index.ts'
import { mayEditModule } from '../modules/queries.ts'
import { programmePolicy } from '../policy.ts'
import type { ProgrammeState, TopicRow } from '../rows.ts'

export type TopicInPlace = TopicRow & {
  programme_id: number
  programme_title: string
  programme_state: ProgrammeState
  module_title: string
  module_archived_at: string | null
  /** Whether the reader may change it. */
  may_edit: boolean
}

/** @throws NotFoundError if the topic is not there or its programme may not be read */
export async function selectTopic(actor: Actor, id: number): Promise<TopicInPlace> {
  const row = await db()('topics as t')
    .join('modules as m', 'm.id', 't.module_id')
    .join('programmes as p', 'p.id', 'm.programme_id')
    .modify(programmePolicy.visibleTo(actor, 'read'))
    .where('t.id', id)
    .first(
      ...['t.*', 'm.programme_id', 'p.title as programme_title', 'p.state as programme_state'],
      ...['m.title as module_title', 'm.archived_at as module_archived_at'],
    )
  if (!row) throw new NotFoundError()
  return { ...row, may_edit: await mayEditModule(actor, row.programme_id, row.module_id) }
}

/** A topic that the actor is about to change. @throws NotFoundError, ForbiddenError */
export async function selectTopicToEdit(actor: Actor, id: number): Promise<TopicInPlace> {
  const row = await selectTopic(actor, id)
  if (!row.may_edit) throw new ForbiddenError()
  return row
}

export type TopicChoice = { id: number; title: string; module_id: number; module_title: string }

/** The topics of a programme that another may require, in their order. */
export const listTopicChoices = (programmeId: number): Promise<TopicChoice[]> =>
  db()('topics as t')
    .join('modules as m', 'm.id', 't.module_id')
    .where('m.programme_id', programmeId)
    .whereNull('t.archived_at')
    .whereNull('m.archived_at')
    .orderBy(['m.position', 't.position', 't.id'])
    .select('t.id', 't.title', 't.module_id', 'm.title as module_title')

/** Which topic requires which, in the whole programme. */
export const listPrerequisites = (programmeId: number): Promise<{ topic_id: number; requires_topic_id: number }[]> =>
  db()('topic_prerequisites as r')
    .join('topics as t', 't.id', 'r.topic_id')
    .join('modules as m', 'm.id', 't.module_id')
    .where('m.programme_id', programmeId)
    .select('r.topic_id', 'r.requires_topic_id')

/** Topics that require this one. */
export const listDependants = (topicId: number): Promise<{ id: number; title: string }[]> =>
  db()('topic_prerequisites as r')
    .join('topics as t', 't.id', 'r.topic_id')
    .where('r.requires_topic_id', topicId)
    .whereNull('t.archived_at')
    .orderBy('t.id')
    .select('t.id', 't.title')
