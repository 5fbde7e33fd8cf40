import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { configFile, dataFolder, isInstalled } from '../server/config.ts'
import { AppError, InputError } from '../server/core/errors.ts'
import { parseInput } from '../server/core/http/forms.ts'
import { LANGUAGES, type Translate, translator } from '../server/core/i18n/index.ts'
import { sendTestLetter } from '../server/core/mail/trial.ts'
import { fold } from '../server/core/text.ts'
import { hashPassword } from '../server/features/accounts/passwords.ts'
import { type Answers, answersInput } from './answers.ts'
import { checkMachine, checkPort } from './checks/machine-check.ts'
import { consoleLanguage } from './console.ts'
import { DEMONSTRATION_LOGINS } from './content.ts'
import { DatabaseRefusal, type InstallPlan, install, tryDatabase } from './installer.ts'
import { removeTraces, SetupStore } from './wizard/state.ts'
import { databaseNotice, machineNotice, mailNotice, type Notice } from './wizard/words.ts'

/** What the command ends with; documented in docs/*\/installation.md. */
export const EXIT = { done: 0, failed: 1, answers: 2, machine: 3, database: 4, mail: 5 } as const
type ExitCode = (typeof EXIT)[keyof typeof EXIT]

/** Ends the command with words and an exit code. */
class Refusal extends Error {
  readonly exitCode: ExitCode

  constructor(exitCode: ExitCode, message: string) {
    super(message)
    this.exitCode = exitCode
  }
}

/** The installation without questions: the steps of the wizard from a file of answers. @returns the exit code */
export async function runUnattended(args: readonly string[], print = console.log): Promise<ExitCode> {
  const folder = dataFolder()
  let language = consoleLanguage()
  const t: Translate = (key, values) => translator(language)(key, values)
  try {
    const file = args[args.indexOf('--answers') + 1]
    if (!args.includes('--answers') || !file) throw new Refusal(EXIT.answers, t('install.setup.usage'))
    if (isInstalled(folder)) {
      print(t('install.setup.already', { file: configFile(folder) }))
      return EXIT.done
    }
    const raw = readAnswers(resolve(file), t)
    language = languageOf(raw) ?? language
    const answers = parseAnswers(raw, t)
    await checkEverything(folder, answers, { t, language, print })
    if (args.includes('--check')) {
      print(t('install.setup.checked'))
      return EXIT.done
    }
    const store = new SetupStore(folder)
    const { accounts } = await install(folder, await planOf(answers, store), (stage) =>
      print(t(`install.stage.${stage}`)),
    )
    removeTraces(folder)
    print(t('install.setup.done', { address: answers.address }))
    for (const account of accounts) {
      print(t('install.setup.account', { ...account, role: t(`install.demonstrationRole.${account.login}`) }))
    }
    return EXIT.done
  } catch (error) {
    return explain(error, { t, language, print })
  }
}

type Voice = { t: Translate; language: string; print: (text: string) => void }

function readAnswers(file: string, t: Translate): Record<string, unknown> {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch {
    throw new Refusal(EXIT.answers, t('install.setup.noFile', { file }))
  }
  try {
    return withSecrets(JSON.parse(text), dirname(file), t) as Record<string, unknown>
  } catch (error) {
    if (error instanceof Refusal) throw error
    throw new Refusal(EXIT.answers, t('install.setup.notJson', { file, message: (error as Error).message }))
  }
}

/** Instead of `password` there may be `passwordFile`: the path of a file with it, relative to the answers. */
function withSecrets(value: unknown, folder: string, t: Translate): unknown {
  if (!value || typeof value !== 'object' || Array.isArray(value)) return value
  const entries = Object.entries(value).map(([name, inner]): [string, unknown] => {
    if (name !== 'passwordFile' || typeof inner !== 'string') return [name, withSecrets(inner, folder, t)]
    const file = resolve(folder, inner)
    try {
      return ['password', readFileSync(file, 'utf8').trim()]
    } catch {
      throw new Refusal(EXIT.answers, t('install.setup.secretFile', { file }))
    }
  })
  return Object.fromEntries(entries)
}

function languageOf(raw: Record<string, unknown>): string | undefined {
  const wanted = (raw.authority as { language?: unknown } | undefined)?.language
  return LANGUAGES.find((code) => code === wanted)
}

function parseAnswers(raw: unknown, t: Translate): Answers {
  const answers = parseInput(answersInput, raw)
  const { login } = answers.administrator
  if (answers.content === 'demonstration' && DEMONSTRATION_LOGINS.includes(fold(login))) {
    throw new Refusal(EXIT.answers, t('install.content.loginTaken', { login }))
  }
  return answers
}

async function checkEverything(folder: string, answers: Answers, { t, language, print }: Voice): Promise<void> {
  print(t('install.setup.machine'))
  const findings = await checkMachine(folder)
  // The port may well be taken by the wizard, which hands itself over when the installation is finished.
  const port = await checkPort(answers.listen?.port ?? Number(process.env.PORT ?? 3000))
  const all = [...findings, port.state === 'failed' ? { ...port, state: 'warning' as const } : port]
  for (const finding of all) printNotice(machineNotice(finding, t, language), print)
  if (findings.some(({ state }) => state === 'failed')) throw new Refusal(EXIT.machine, t('install.machine.bad'))

  print(t('install.setup.database'))
  const { database } = answers
  const report = await tryDatabase(folder, database, false)
  const isMade = report.code === 'missing' && database.kind === 'mysql' && database.create
  const shown = isMade ? { ...report, code: 'will_create' as const, isUsable: true } : report
  if (!shown.isUsable) throw new DatabaseRefusal(report)
  if (shown.code === 'existing' && !answers.takeOver) throw new Refusal(EXIT.database, t('install.setup.existing'))
  printNotice(databaseNotice(shown, t, language), print)

  const { mail, authority } = answers
  if (!mail?.test) return
  print(t('install.setup.mail'))
  const { test, ...settings } = mail
  const letter = {
    to: test,
    subject: t('install.mail.letterSubject'),
    text: t('install.mail.letterText', { name: authority.name }),
  }
  const sent = mailNotice(await sendTestLetter({ enabled: true, ...settings }, letter), t, language)
  printNotice(sent, print)
  if (sent.kind === 'danger') throw new Refusal(EXIT.mail, '')
}

const SIGNS = { success: '✔', warning: '!', danger: '✘', info: '·' }

function printNotice({ kind, text, mend, commands }: Notice, print: (text: string) => void): void {
  print(`  ${SIGNS[kind]} ${text}`)
  if (mend) print(`    ${mend}`)
  for (const command of commands) print(`      ${command}`)
}

/** The same identity as the wizard's, so that an installation which broke off may be finished by either. */
async function planOf(answers: Answers, store: SetupStore): Promise<InstallPlan> {
  const { id, secret } = store.read()
  const { password, ...person } = answers.administrator
  const { test: _test, ...mail } = answers.mail ?? {}
  return {
    id,
    secret,
    address: answers.address,
    ...(answers.listen ? { listen: answers.listen } : {}),
    database: answers.database,
    takeOver: answers.takeOver,
    authority: answers.authority,
    administrator: { ...person, passwordHash: await hashPassword(password) },
    mail: answers.mail ? (mail as NonNullable<InstallPlan['mail']>) : null,
    content: answers.content,
  }
}

function explain(error: unknown, { t, language, print }: Voice): ExitCode {
  if (error instanceof Refusal) {
    if (error.message) print(error.message)
    return error.exitCode
  }
  if (error instanceof InputError) {
    print(t('install.setup.wrong'))
    for (const { field, code, values } of error.fields) print(`  ${field}: ${t(code, values)}`)
    return EXIT.answers
  }
  if (error instanceof DatabaseRefusal) {
    printNotice(databaseNotice(error.report, t, language), print)
    return EXIT.database
  }
  const message = error instanceof AppError ? t(error.code, error.values) : String((error as Error)?.message ?? error)
  print(t('install.setup.failed', { message }))
  if (!(error instanceof AppError)) console.error(error)
  return EXIT.failed
}
