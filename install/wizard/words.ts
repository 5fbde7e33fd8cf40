import type { Translate } from '../../server/core/i18n/index.ts'
import { hasText, localeOf } from '../../server/core/i18n/index.ts'
import type { MailReport } from '../../server/core/mail/trial.ts'
import type { DatabaseReport } from '../checks/database-check.ts'
import type { MachineFinding } from '../checks/machine-check.ts'

/** A message of a check as a page prints it. */
export interface Notice {
  kind: 'success' | 'warning' | 'danger' | 'info'
  text: string
  /** What to do about it, in words. */
  mend: string | null
  /** What to type in a console or to run in the database, ready to copy. */
  commands: string[]
}

const optional = (key: string, t: Translate, values: Record<string, unknown>, language: string): string | null =>
  hasText(key, language) ? t(key, values) : null

const commandsOf = (text: string | null): string[] => text?.split('\n') ?? []

/** What the check of the database found, in words, with the statements that mend it. */
export function databaseNotice({ code, isUsable, values }: DatabaseReport, t: Translate, language: string): Notice {
  return {
    kind: !isUsable ? 'danger' : code === 'existing' || code === 'unfinished' ? 'warning' : 'success',
    text: t(`install.databaseFound.${code}`, values),
    mend: optional(`install.databaseMend.${code}`, t, values, language),
    commands: commandsOf(optional(`install.databaseCommand.${code}`, t, values, language)),
  }
}

/** A finding on the machine, in words. */
export function machineNotice(finding: MachineFinding, t: Translate, language: string): Notice {
  const key = `${finding.name}_${finding.code}`
  const values = readable(finding.values, t, language)
  return {
    kind: finding.state === 'ok' ? 'success' : finding.state === 'warning' ? 'warning' : 'danger',
    text: t(`install.machineFound.${key}`, values),
    mend: optional(`install.machineMend.${key}`, t, values, language),
    commands: commandsOf(optional(`install.machineCommand.${key}`, t, values, language)),
  }
}

const SIZES = ['free', 'needed', 'recommended', 'total']

/** Sizes and times as people say them. Sizes come in mebibytes. */
function readable(values: MachineFinding['values'], t: Translate, language: string): Record<string, unknown> {
  const number = new Intl.NumberFormat(language, { maximumFractionDigits: 1 })
  const moment = new Intl.DateTimeFormat(localeOf(language), { dateStyle: 'long', timeStyle: 'short', timeZone: 'UTC' })
  const say = ([name, value]: [string, string | number]): [string, unknown] => {
    if (name === 'now') return [name, moment.format(new Date(value))]
    if (!SIZES.includes(name)) return [name, value]
    const size = Number(value)
    return [
      name,
      size < 1024 ? t('install.size.mb', { size }) : t('install.size.gb', { size: number.format(size / 1024) }),
    ]
  }
  return Object.fromEntries(Object.entries(values).map(say))
}

/** What became of the test letter, in words. */
export function mailNotice({ code, isSent, values }: MailReport, t: Translate, language: string): Notice {
  return {
    kind: isSent ? 'success' : 'danger',
    text: t(`install.mailFound.${code}`, values),
    mend: optional(`install.mailMend.${code}`, t, values, language),
    commands: [],
  }
}
