import { fromJson, toJson } from '../../core/db/index.ts'
import type { PersonalData, Value } from '../../core/personal-data/declarations.ts'
import { BLANK } from '../../core/personal-data/neutral.ts'
import type { RouteSnapshot } from './snapshot.ts'

/** Topics and hours of a version stay as they were approved; what the learner called their own items does not. */
function withoutOwnWords(was: Value): Value {
  const snapshot = fromJson<RouteSnapshot | null>(String(was ?? ''), null)
  if (!snapshot?.ownItems) return was
  return toJson({
    ...snapshot,
    ownItems: snapshot.ownItems.map((item) => ({ ...item, title: BLANK, description: '' })),
  })
}

export const routeData: PersonalData = {
  tables: {
    learning_routes: {
      about: { column: 'enrolment_id', through: 'enrolments' },
      by: ['decided_by'],
      subject: 'learning_route',
      shows: ['state', 'version_number', 'submitted_at', 'decided_at', 'comment', 'created_at'],
      hides: ['id', 'draft_revision', 'updated_at'],
      onErasure: { clear: { comment: null }, hold: 'education' },
    },
    route_choices: {
      about: { column: 'route_id', through: 'learning_routes' },
      shows: ['topic_id', 'in_draft', 'in_force', 'created_at'],
      names: { topic_id: 'topic' },
      hides: ['id', 'offering_id'],
      onErasure: { clear: {}, hold: 'education' },
    },
    route_own_items: {
      about: { column: 'route_id', through: 'learning_routes' },
      shows: ['kind', 'place', 'title', 'description', 'hours', 'starts_on', 'ends_on', 'created_at'],
      hides: ['id', 'in_draft', 'in_force', 'version', 'updated_at'],
      onErasure: { clear: { title: BLANK, description: null }, hold: 'education' },
    },
    route_versions: {
      about: { column: 'route_id', through: 'learning_routes' },
      by: ['decided_by'],
      shows: ['number', 'state', 'hours', 'content', 'submitted_at', 'decided_at', 'comment'],
      hides: ['id'],
      onErasure: { clear: { comment: null, content: withoutOwnWords }, hold: 'education' },
    },
    route_version_comments: {
      about: { column: 'version_id', through: 'route_versions' },
      shows: ['topic_id', 'text'],
      names: { topic_id: 'topic' },
      hides: ['id'],
      onErasure: { clear: { text: BLANK }, hold: 'education' },
    },
  },
}
