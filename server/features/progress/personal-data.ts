import type { PersonalData } from '../../core/personal-data/declarations.ts'

/** Sums that say nothing but figures. */
export const progressData: PersonalData = {
  tables: {
    enrolment_progress: {
      about: { column: 'enrolment_id', through: 'enrolments' },
      key: 'enrolment_id',
      shows: [
        ...['lessons_held', 'lessons_attended', 'lessons_missed', 'credits_passed', 'credits_failed'],
        ...['milestones_done', 'milestones_total', 'route_state', 'route_hours', 'last_activity_at'],
      ],
      hides: ['marks_sum', 'marks_count', 'modules_total', 'next_due_on', 'next_milestone_id', 'updated_at'],
      onErasure: { clear: {}, hold: 'statistics' },
    },
    progress_weeks: {
      about: { column: 'enrolment_id', through: 'enrolments' },
      key: 'week_starts_on',
      shows: ['week_starts_on', 'held', 'attended', 'credits'],
      onErasure: { clear: {}, hold: 'statistics' },
    },
  },
}
