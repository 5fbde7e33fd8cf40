import { NotFoundError } from '../../core/errors.ts'
import { page, type Reply } from '../../core/http/reply.ts'
import { type AnyContext, may, type Routes } from '../../core/http/route.ts'
import { nowUtc } from '../../core/time.ts'
import { readerOf } from '../tracking/load.ts'
import { listMilestonesOf } from '../tracking/milestone-queries.ts'
import { say } from '../tracking/present-state.ts'
import { listCompanions, meanAttendance } from './companions.ts'
import { homeQuery } from './input.ts'
import { presentHome } from './presenter.ts'
import {
  listChosenMaterials,
  listComingLessons,
  listDraftModules,
  listOwnEnrolments,
  type OwnEnrolment,
} from './queries.ts'

const DATES_SHOWN = 5
// Enough lessons ahead for the order of what to read.
const DATES_READ = 15
const MATERIALS_SHOWN = 6

export function homeRoutes(routes: Routes): void {
  routes.get('/home', { access: may('home.view'), query: homeQuery }, showHome)
}

/** The learner's home: what to do now, the journal as steps, the next dates, what to read. */
async function showHome(context: AnyContext): Promise<Reply> {
  const { actor, query, t } = context
  const reader = readerOf(context)
  const title = t('home.title')
  const all = await listOwnEnrolments(actor)
  const enrolment = query.enrolment ? all.find((row) => row.id === query.enrolment) : all[0]
  if (!enrolment) {
    if (query.enrolment) throw new NotFoundError()
    return page('home/empty', {}, { title })
  }
  const now = nowUtc()
  const isOpen = enrolment.learners_from === null || enrolment.learners_from <= reader.today
  const lessons = isOpen ? await listComingLessons(enrolment.id, now, reader.today, DATES_READ) : []
  const parts = {
    enrolment,
    all,
    milestones: await listMilestonesOf(enrolment.id, enrolment.programme_id, enrolment.starts_on),
    lessons: lessons.slice(0, DATES_SHOWN),
    materials: isOpen ? await listChosenMaterials(enrolment.id, lessons, MATERIALS_SHOWN) : [],
    mean: isOpen ? await meanAttendance(enrolment) : null,
    companions: isOpen ? await listCompanions(enrolment, reader.today) : null,
    modules: isBuilding(enrolment) ? await listDraftModules(enrolment.id, enrolment.programme_id) : [],
  }
  return page('home/home', presentHome(reader, parts), {
    title,
    subtitle: `${enrolment.cohort_title} · ${say(reader, enrolment.programmeTitle)}`,
    styles: ['tracking.css', 'home.css'],
  })
}

/** What the route still lacks is said only to whom is building it. */
const isBuilding = ({ route_state }: OwnEnrolment) => route_state !== 'approved' && route_state !== 'submitted'
