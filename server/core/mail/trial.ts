import type { Setting } from '../settings.ts'
import { transportFor } from './index.ts'

/** Why a letter did not go. The words are `install.mailFound.<code>`, filled with `values`. */
export const MAIL_CODES = [
  'sent',
  'host_unknown',
  'refused',
  'no_answer',
  'encryption',
  'certificate',
  'wrong_password',
  'password_needed',
  'sender_refused',
  'recipient_refused',
  'not_a_server',
  'unknown',
] as const
export type MailCode = (typeof MAIL_CODES)[number]

export interface MailReport {
  code: MailCode
  isSent: boolean
  field?: 'host' | 'port' | 'security' | 'user' | 'password' | 'from' | 'to'
  values: Record<string, string | number>
}

type SmtpError = { code?: string; responseCode?: number; response?: string; message?: string; command?: string }

const CERTIFICATE = /^(CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|ERR_TLS_CERT)/

/** Names the reason of a failed letter. The driver wraps network errors as ESOCKET, so the cause inside counts first. */
function explain(
  error: SmtpError & { errno?: unknown; syscall?: string; cause?: { code?: string } },
): Pick<MailReport, 'code' | 'field'> {
  const inner = String(error.cause?.code ?? error.code ?? '')
  const message = String(error.message ?? '')
  if (inner === 'EDNS' || /ENOTFOUND|EAI_AGAIN/.test(inner + message)) return { code: 'host_unknown', field: 'host' }
  if (/ECONNREFUSED/.test(inner + message)) return { code: 'refused', field: 'port' }
  if (/greeting/i.test(message)) return { code: 'not_a_server', field: 'port' }
  if (CERTIFICATE.test(inner) || /certificate/i.test(message)) return { code: 'certificate', field: 'host' }
  if (inner === 'ETLS' || /SSL|EPROTO|STARTTLS/i.test(inner + message)) return { code: 'encryption', field: 'security' }
  if (inner === 'ETIMEDOUT' || /EHOSTUNREACH|ENETUNREACH/.test(inner + message))
    return { code: 'no_answer', field: 'port' }
  if (inner === 'EAUTH' || error.responseCode === 535) return { code: 'wrong_password', field: 'password' }
  if (error.responseCode === 530) return { code: 'password_needed', field: 'user' }
  if (error.command === 'MAIL FROM') return { code: 'sender_refused', field: 'from' }
  if (error.command === 'RCPT TO' || inner === 'EENVELOPE') return { code: 'recipient_refused', field: 'to' }
  return { code: 'unknown' }
}

/** Sends one letter through the server, now, and says in a code what came of it. Never throws. */
export async function sendTestLetter(
  mail: Setting<'mail'>,
  letter: { to: string; subject: string; text: string },
): Promise<MailReport> {
  const transport = transportFor(mail)
  const values = { host: mail.host, port: mail.port, user: mail.user, to: letter.to, from: mail.from }
  try {
    await transport.sendMail({ from: mail.from, ...letter })
    return { code: 'sent', isSent: true, values }
  } catch (error) {
    const { response, message } = error as SmtpError
    return { isSent: false, values: { ...values, message: response ?? message ?? '' }, ...explain(error as SmtpError) }
  } finally {
    transport.close()
  }
}
