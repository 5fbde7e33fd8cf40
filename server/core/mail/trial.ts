import type { Setting } from '../settings.ts'
import { explainMailError, type MailCode, type MailField, type SmtpError } from './explain.ts'
import { transportFor } from './index.ts'

export interface MailReport {
  code: MailCode
  isSent: boolean
  field?: MailField
  values: Record<string, string | number>
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
    return {
      isSent: false,
      values: { ...values, message: response ?? message ?? '' },
      ...explainMailError(error as SmtpError),
    }
  } finally {
    transport.close()
  }
}
