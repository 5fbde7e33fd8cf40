/** Credits of a group: what the rule suggests and what was decided; and one learner's line of the register in words. */

import { formatFor } from '../../core/i18n/format.ts'
import { fullName } from '../../core/text.ts'
import { fromUtc } from '../../core/time.ts'
import { type CellValue, isConsistent } from './marks.ts'
import { journalUrl, noteOf } from './presenter.ts'
import type { CreditHistoryRow, HistoryRow, JournalGroup } from './queries.ts'
import { isGone, type Register, type RegisterCredit, type RegisterLearner } from './register.ts'
import { behindReasons } from './totals.ts'
import {
  behindText,
  cellInWords,
  cellSign,
  codesOf,
  lessonMoment,
  lessonTitle,
  type Reader,
  ruleText,
  suggestionOf,
  suggestionText,
} from './words.ts'

/** The list of credits, with the learners ticked for whom the rule suggests one. */
export function presentCredits(group: JournalGroup, register: Register, canCredit: boolean, reader: Reader) {
  const { t, lang, zone } = reader
  const format = formatFor(lang, zone)
  const rows = register.learners.map((learner) => {
    const totals = register.totals(learner)
    const suggestion = suggestionOf(totals, group)
    const { credit } = learner
    const isOpen = !credit?.state
    return {
      enrolmentId: learner.enrolmentId,
      name: fullName(learner),
      href: journalUrl(group.id, `/learners/${learner.enrolmentId}`),
      note: noteOf(learner, reader),
      percent: totals.percent === null ? '' : format.percent(totals.percent / 100),
      mean: totals.mean === null ? '' : format.number(totals.mean, 2),
      suggestion: { state: suggestion.state, text: suggestionText(suggestion, reader) },
      credit: credit?.state ? creditBadge(credit, reader) : null,
      version: credit?.version ?? 0,
      canChoose: canCredit && !isGone(learner),
      isSuggested: canCredit && !isGone(learner) && isOpen && suggestion.state === 'passed',
    }
  })
  return {
    rows,
    action: journalUrl(group.id, '/credits'),
    rule: t('journals.credits.rule', { rule: ruleText(group, t) }),
    canCredit,
    suggested: rows.filter((row) => row.isSuggested).length,
    passed: rows.filter((row) => row.credit?.kind === 'success').length,
  }
}

function creditBadge(credit: RegisterCredit, { t, lang, zone }: Reader) {
  const date = credit.creditedOn ? formatFor(lang, zone).shortDate(credit.creditedOn) : ''
  return {
    kind: credit.state === 'passed' ? 'success' : 'danger',
    text: [t(`journals.creditState.${credit.state}`), date].filter(Boolean).join(', '),
  }
}

const who = (row: { first_name: string | null; last_name: string | null }, { t }: Reader) =>
  row.last_name ? `${row.first_name} ${row.last_name}` : t('journals.history.system')

/** One learner: every lesson in words, sums, credit and how it came about. */
export function presentLearner(
  group: JournalGroup,
  register: Register,
  learner: RegisterLearner,
  history: CreditHistoryRow[],
  reader: Reader,
) {
  const { t, lang, zone } = reader
  const format = formatFor(lang, zone)
  const totals = register.totals(learner)
  const { credit } = learner
  return {
    note: noteOf(learner, reader),
    behind: behindText(behindReasons(totals, group.rule), t),
    stats: [
      { label: t('journals.learner.attended'), value: t('journals.learner.ofMarked', totals as never) },
      {
        label: t('journals.grid.attendanceLong'),
        value: totals.percent === null ? '—' : format.percent(totals.percent / 100),
      },
      { label: t('journals.grid.meanLong'), value: totals.mean === null ? '—' : format.number(totals.mean, 2) },
    ],
    suggestion: suggestionText(suggestionOf(totals, group), reader),
    credit: credit?.state ? creditBadge(credit, reader) : null,
    lessons: register.lessons
      .filter((lesson) => register.isExpected(lesson, learner))
      .map((lesson) => {
        const cell = register.cell(lesson.id, learner.enrolmentId)
        return {
          href: journalUrl(group.id, `/lessons/${lesson.id}`),
          moment: lessonMoment(lesson.startsAt, reader),
          title: lessonTitle(lesson, reader),
          value: cell && cell.attendance !== '' ? cellInWords(cell, t) : '',
          comment: cell?.comment ?? '',
          historyHref: journalUrl(group.id, `/history?lesson=${lesson.id}&enrolment=${learner.enrolmentId}`),
        }
      }),
    history: history.map((row) => ({
      title: t(`journals.creditState.${row.state || 'none'}`),
      text: row.comment ?? '',
      person: who(row, reader),
      date: { iso: fromUtc(row.at).toISOString(), text: format.human(row.at), exact: format.dateTime(row.at) },
    })),
  }
}

/** The history of a cell: newest first, each with its author. */
export function presentHistory(rows: HistoryRow[], reader: Reader) {
  const { t, lang, zone } = reader
  const format = formatFor(lang, zone)
  const codes = codesOf(t)
  return rows.map((row) => {
    const value = { attendance: row.attendance, mark: row.mark } as CellValue
    const source = row.source === 'typed' ? '' : t(`journals.history.source.${row.source}`)
    return {
      value: isConsistent(value) ? cellSign(value, codes) || t('journals.meaning.clear') : row.attendance,
      words: cellInWords(value, t),
      comment: row.comment ?? '',
      who: [who(row, reader), format.human(row.at), source].filter(Boolean).join(', '),
      date: { iso: fromUtc(row.at).toISOString(), text: format.human(row.at), exact: format.dateTime(row.at) },
      author: who(row, reader),
      source,
    }
  })
}
