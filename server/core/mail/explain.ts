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

export type MailField = 'host' | 'port' | 'security' | 'user' | 'password' | 'from' | 'to'

export type SmtpError = {
  code?: string
  responseCode?: number
  response?: string
  message?: string
  command?: string
  cause?: { code?: string }
}

const CERTIFICATE = /^(CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|ERR_TLS_CERT)/

/** Names the reason of a failed letter. The driver wraps network errors as ESOCKET, so the cause inside counts first. */
export function explainMailError(error: SmtpError): { code: MailCode; field?: MailField } {
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

/** Whether the reason lies with the server or the way to it, and not with this one letter. */
export const isOfServer = (code: MailCode): boolean =>
  code !== 'sent' && code !== 'recipient_refused' && code !== 'unknown'
