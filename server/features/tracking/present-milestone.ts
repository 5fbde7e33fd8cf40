import { presentFile } from '../../core/files/present.ts'
import { limitOf } from '../../core/files/uses.ts'
import { cleanForm, type Form, formOverNews } from '../../core/http/forms.ts'
import type { Actor } from '../../core/rights/index.ts'
import { fullName } from '../../core/text.ts'
import { addDays } from '../../core/time.ts'
import { canOffer } from './evidence-service.ts'
import { isKnown, kindOf } from './kinds.ts'
import type { EvidenceRow, HistoryRow, LearnerHead, LearnerMilestone } from './milestone-queries.ts'
import { isOwn, mayConfirm, mayReadComments, maySeeEvidence } from './policy.ts'
import { presentBadge, presentDue, type Reader, say, shortNames } from './present-state.ts'
import { isMet } from './state.ts'

/** One piece of evidence as it is shown; the file opens for whoever sees this. */
function presentEvidence(reader: Reader, row: EvidenceRow, learner: LearnerHead) {
  const { t, format } = reader
  const looks = { offered: 'info', accepted: 'success', declined: 'danger', withdrawn: 'neutral' } as const
  const byLearner = row.created_by === learner.places.personId
  return {
    id: row.id,
    note: row.note ?? '',
    link: row.link,
    file: row.file_id ? presentFile(reader, fileOf(row, row.file_id)) : null,
    by: byLearner ? '' : [row.author_first_name, row.author_last_name].filter(Boolean).join(' '),
    at: {
      iso: row.created_at.slice(0, 10),
      text: format.human(row.created_at),
      exact: format.dateTime(row.created_at),
    },
    state: row.state,
    badge: { kind: looks[row.state], text: t(`tracking.evidence.${row.state}`) },
  }
}

const fileOf = (row: EvidenceRow, id: number) => ({
  id,
  name: row.file_name ?? '',
  mediaType: row.media_type ?? '',
  size: Number(row.size ?? 0),
})

/** A milestone of a learner as a line of the journal: state, date, who confirmed, what came back with which words. */
export function presentMilestone(reader: Reader, milestone: LearnerMilestone, withComment: boolean) {
  const { t, format } = reader
  const known = isKnown(milestone)
  return {
    id: milestone.id,
    title: say(reader, milestone.title),
    hint: say(reader, milestone.hint),
    icon: kindOf(milestone).icon,
    badge: presentBadge(reader, milestone),
    isMet: isMet(milestone.state),
    isRequired: milestone.isRequired,
    state: milestone.state,
    version: milestone.version,
    due: isMet(milestone.state) ? null : presentDue(reader, milestone.dueOn),
    known,
    knownText: known ? t(`tracking.known.${kindOf(milestone).known}`) : '',
    doneText: doneText(reader, milestone),
    comment: withComment ? (milestone.comment ?? '') : '',
    commentLabel: withComment && milestone.comment ? t(`tracking.comment.${commentKind(milestone.state)}`) : '',
    offered: milestone.offered,
    doneOn: milestone.doneOn ? format.date(milestone.doneOn) : '',
  }
}

const commentKind = (state: string) => (state === 'returned' ? 'returned' : state === 'waived' ? 'waived' : 'last')

function doneText({ t, format }: Reader, milestone: LearnerMilestone): string {
  if (!isMet(milestone.state)) return ''
  const date = format.date(milestone.doneOn)
  if (milestone.source === 'auto') return t('tracking.done.auto', { date })
  const key = milestone.state === 'waived' ? 'waived' : 'manual'
  return [t(`tracking.done.${key}`, { date }), milestone.confirmedBy].filter(Boolean).join(', ')
}

/** The tracking journal of one learner: for staff and employers. */
export function presentLearner(actor: Actor, reader: Reader, learner: LearnerHead, milestones: LearnerMilestone[]) {
  const required = milestones.filter((milestone) => milestone.isRequired)
  const done = required.filter((milestone) => isMet(milestone.state)).length
  const base = `/tracking/enrolments/${learner.enrolmentId}/milestones`
  const short = shortNames(reader.t, milestones, reader.lang)
  return {
    name: fullName(learner),
    state: learner.state,
    stateText: learner.state === 'active' ? '' : reader.t(`tracking.enrolmentState.${learner.state}`),
    done,
    total: required.length,
    progressText: reader.t('tracking.progress', { done, count: required.length }),
    milestones: milestones.map((milestone) => ({
      ...presentMilestone(
        reader,
        milestone,
        mayReadComments(actor, { places: learner.places, moduleId: milestone.module_id }),
      ),
      short: short.get(milestone.id) as string,
      href: `${base}/${milestone.id}`,
      canDecide: mayConfirm(actor, { places: learner.places, moduleId: milestone.module_id }) && !isKnown(milestone),
    })),
  }
}

/** A form that came back: with reasons, or because the milestone has changed since its page was shown. */
type FailedForm = { form: Form; isStale?: true }
export type Failed = FailedForm & { name: 'confirm' | 'return' | 'waive' | 'reopen' | 'decline'; evidenceId?: number }
export type FailedOffer = FailedForm & { milestoneId: number }

/**
 * The form that came back as it is shown, and what was typed where the milestone takes no such form any more.
 * @param isOpen whether the form is on the page
 */
function presentFailed(reader: Reader, { form, isStale }: FailedForm, milestone: LearnerMilestone, isOpen: boolean) {
  const typed = String(form.values.note || form.values.comment || form.values.link || '')
  if (!isStale) return { form, typed: '' }
  const key = isOpen ? 'tracking.stale.again' : 'tracking.stale.closed'
  const message = reader.t(key, { state: presentBadge(reader, milestone).text })
  return { form: formOverNews(form, milestone.version, message), typed: isOpen ? '' : typed }
}

/** One milestone of one learner with its evidence, history and what the actor may do. */
export function presentCard(
  actor: Actor,
  reader: Reader,
  learner: LearnerHead,
  milestone: LearnerMilestone,
  evidence: EvidenceRow[],
  history: HistoryRow[],
  failed?: Failed,
) {
  const places = { places: learner.places, moduleId: milestone.module_id }
  const closed = learner.state === 'withdrawn' || learner.cohortState === 'archived'
  const may = mayConfirm(actor, places) && !closed
  const met = isMet(milestone.state)
  const known = isKnown(milestone)
  const { counted } = kindOf(milestone)
  const base = `/tracking/enrolments/${learner.enrolmentId}/milestones/${milestone.id}`
  const can = {
    confirm: may && !met && !known,
    return: may && !met && !counted && milestone.offered > 0,
    decide: may && counted && milestone.state !== 'waived',
    waive: may && !met,
    reopen: may && met && !(known && milestone.state === 'done'),
  }
  const again =
    failed && presentFailed(reader, failed, milestone, can[failed.name === 'decline' ? 'decide' : failed.name])
  const formOf = (name: Failed['name']) => (failed?.name === name && again ? again.form : cleanForm())
  const seesEvidence = maySeeEvidence(actor, places)
  return {
    learner: { name: fullName(learner), href: `/tracking/enrolments/${learner.enrolmentId}` },
    milestone: presentMilestone(reader, milestone, mayReadComments(actor, places)),
    counted,
    urls: { confirm: `${base}/confirm`, return: `${base}/return`, waive: `${base}/waive`, reopen: `${base}/reopen` },
    can,
    mostMegabytes: limitOf('evidence'),
    needsEvidence: kindOf(milestone).evidence === 'required' && milestone.offered === 0,
    summary: again?.form.summary ?? [],
    typed: again?.typed ?? '',
    forms: { confirm: formOf('confirm'), return: formOf('return'), waive: formOf('waive'), reopen: formOf('reopen') },
    failed: failed && again ? { name: failed.name, evidenceId: failed.evidenceId ?? 0, form: again.form } : null,
    seesEvidence,
    evidence: seesEvidence ? evidence.map((row) => presentEvidence(reader, row, learner)) : [],
    history: mayReadComments(actor, places) ? history.map((row) => presentHistory(reader, row)) : [],
  }
}

const HISTORY_LOOKS: Record<string, { icon: string; kind: string }> = {
  milestoneOffered: { icon: 'upload', kind: 'info' },
  milestoneEvidenceWithdrawn: { icon: 'x', kind: 'neutral' },
  milestoneConfirmed: { icon: 'check', kind: 'success' },
  milestoneReturned: { icon: 'arrow-back-up', kind: 'danger' },
  milestoneWaived: { icon: 'circle-dashed', kind: 'neutral' },
  milestoneReopened: { icon: 'restore', kind: 'warning' },
  milestoneTicked: { icon: 'check', kind: 'success' },
  milestoneFollowed: { icon: 'route', kind: 'info' },
  milestoneUnticked: { icon: 'restore', kind: 'warning' },
}

function presentHistory({ t, format }: Reader, row: HistoryRow) {
  const text = [row.data.comment, row.data.note].filter((part) => typeof part === 'string' && part)
  return {
    title: t(`tracking.history.${row.type}`),
    text: text.join(' '),
    person: row.by ?? t('tracking.history.system'),
    date: {
      iso: row.occurred_at.slice(0, 10),
      text: format.human(row.occurred_at),
      exact: format.dateTime(row.occurred_at),
    },
    ...(HISTORY_LOOKS[row.type] ?? {}),
  }
}

const NEAR_DAYS = 30

const isNear = (milestone: LearnerMilestone, today: string) =>
  milestone.state === 'returned' || milestone.dueOn === null || milestone.dueOn <= addDays(today, NEAR_DAYS)

/** The learner's own journal, with the form where evidence can be offered. */
export function presentOwn(
  actor: Actor,
  reader: Reader,
  learner: LearnerHead,
  milestones: LearnerMilestone[],
  evidence: EvidenceRow[],
  failed?: FailedOffer,
) {
  const base = `/my/tracking/${learner.enrolmentId}/milestones`
  const model = presentLearner(actor, reader, learner, milestones)
  const takes = (milestone: LearnerMilestone) =>
    isOwn(actor, learner.places) && canOffer(actor, learner, milestone, reader.today)
  const at = milestones.find((milestone) => milestone.id === failed?.milestoneId)
  const again = failed && at && presentFailed(reader, failed, at, takes(at))
  return {
    ...model,
    summary: again?.form.summary ?? [],
    typed: again?.typed ?? '',
    milestones: milestones.map((milestone, index) => ({
      ...(model.milestones[index] as (typeof model.milestones)[number]),
      href: '',
      offerUrl: `${base}/${milestone.id}/evidence`,
      mostMegabytes: limitOf('evidence'),
      canOffer: takes(milestone),
      counted: kindOf(milestone).counted,
      // What has time yet says what to do only when asked: the page stays short.
      isHintOpen: isNear(milestone, reader.today),
      form: again && milestone === at ? again.form : cleanForm(),
      isFailed: again !== undefined && milestone === at,
      evidence: evidence
        .filter((row) => row.milestone_id === milestone.id)
        .map((row) => presentEvidence(reader, row, learner)),
    })),
  }
}
