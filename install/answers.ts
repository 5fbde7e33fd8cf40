import { z } from 'zod'
import type { DatabaseConfig } from '../server/config.ts'
import { checkbox, email, line, list, optionalLine, whole } from '../server/core/http/fields.ts'
import { LANGUAGES } from '../server/core/i18n/index.ts'
import { passwordProblem } from '../server/features/accounts/passwords.ts'
import { isTimeZone } from './checks/machine-check.ts'

/** What the installer asks: the same schemas for the pages of the wizard and for the file of answers. */

const emptyTo = (fallback: string) => (value: unknown) =>
  value === undefined || (typeof value === 'string' && value.trim() === '') ? fallback : value

const mysqlInput = z.object({
  kind: z.literal('mysql'),
  host: z.preprocess(emptyTo('localhost'), line(255)),
  port: z.preprocess(emptyTo('3306'), whole(1, 65_535)),
  socket: optionalLine(255),
  user: line(80),
  password: z.string().max(200).default(''),
  database: line(64),
  /** Make the database if it is missing. */
  create: checkbox(),
})

const sqliteInput = z.object({
  kind: z.literal('sqlite'),
  /** Relative to the data folder. */
  file: z.preprocess(emptyTo('integral.sqlite'), line(255)),
})

export const databaseInput = z.discriminatedUnion('kind', [mysqlInput, sqliteInput])

const language = z.enum(LANGUAGES as [string, ...string[]])

export const authorityInput = z
  .object({
    name: line(200),
    language,
    languages: list(language, 20),
    timeZone: line(64).refine(isTimeZone, 'install.authority.unknownZone'),
  })
  // The language that the system begins with is always one of those that people may choose.
  .transform((input) => ({ ...input, languages: [...new Set([input.language, ...input.languages])] }))

/** Shown beside the password itself, because the rule looks at the name too. */
function demandGoodPassword(person: { login: string; lastName: string; password: string }, context: z.RefinementCtx) {
  const problem = passwordProblem(person.password, person)
  if (problem) context.addIssue({ code: 'custom', path: ['password'], message: problem })
}

const administratorFields = z.object({
  lastName: line(100),
  firstName: line(100),
  middleName: optionalLine(100),
  email: email(),
  login: line(100).refine((login) => /^[\p{L}\p{N}._@-]{3,}$/u.test(login), 'install.administrator.badLogin'),
})

export const administratorInput = administratorFields
  .extend({ password: z.string().min(1).max(1000) })
  .superRefine(demandGoodPassword)

/** The same page when a password was chosen before: an empty field keeps it. */
export const administratorInputAgain = administratorFields.extend({ password: z.literal('').optional() })

export const mailInput = z.object({
  host: line(255),
  port: whole(1, 65_535),
  security: z.enum(['none', 'starttls', 'tls']),
  user: z.string().trim().max(200).default(''),
  password: z.string().max(500).default(''),
  from: email(),
})

export const contentInput = z.object({ content: z.enum(['empty', 'programme', 'demonstration']) })

const isSiteAddress = (text: string): boolean => {
  if (!/^https?:\/\//i.test(text) || !URL.canParse(text)) return false
  const { pathname, search, hash, username } = new URL(text)
  return pathname === '/' && !search && !hash && !username
}

/** Where people will open the system: without a path, a query or a trailing slash. */
export const addressInput = line(300)
  .transform((text) => text.replace(/\/+$/, ''))
  .refine(isSiteAddress, 'install.finish.addressOnly')

/** The file for `npm run setup -- --answers FILE`. */
export const answersInput = z.object({
  address: addressInput,
  database: databaseInput,
  authority: authorityInput,
  administrator: administratorInput,
  /** `test`: send a letter there before anything is installed. */
  mail: mailInput
    .extend({ test: email().optional() })
    .nullish()
    .transform((mail) => mail ?? null),
  content: contentInput.shape.content,
  /** Where the process listens; the variables HOST and PORT come before it. */
  listen: z.object({ host: line(255).optional(), port: whole(1, 65_535).optional() }).optional(),
  /** Take over the finished installation that the database holds, and leave its data as they are. */
  takeOver: z.boolean().default(false),
})

export type DatabaseInput = z.infer<typeof databaseInput>
export type AuthorityAnswers = z.infer<typeof authorityInput>
export type AdministratorInput = z.infer<typeof administratorInput>
export type MailAnswers = z.infer<typeof mailInput>
export type Content = z.infer<typeof contentInput>['content']
export type Answers = z.infer<typeof answersInput>

/** The answers on the database as the configuration keeps them. */
export function toDatabaseConfig(input: DatabaseInput): DatabaseConfig {
  if (input.kind === 'sqlite') return { kind: 'sqlite', file: input.file }
  const { create: _create, socket, ...access } = input
  return { ...access, ...(socket ? { socket } : {}), pool: 10 }
}
