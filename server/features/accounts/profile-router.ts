import { z } from 'zod'
import { InputError } from '../../core/errors.ts'
import { fileUrl } from '../../core/files/index.ts'
import { limitOf } from '../../core/files/uses.ts'
import { deviceOf } from '../../core/http/device.ts'
import { checkbox } from '../../core/http/fields.ts'
import { cleanForm, type Form } from '../../core/http/forms.ts'
import { page, type Reply, redirect } from '../../core/http/reply.ts'
import { type AnyContext, type Routes, signedIn } from '../../core/http/route.ts'
import { LANGUAGES, languageLabel } from '../../core/i18n/index.ts'
import { browserOf } from '../../core/notices/push/cookie.ts'
import { hashSessionId } from '../../core/session/index.ts'
import { setting } from '../../core/settings.ts'
import { fullName } from '../../core/text.ts'
import { RUSSIAN_ZONES } from '../../core/time.ts'
import { presentValues } from '../people/fields/presenter.ts'
import { fieldsOfPerson } from '../people/fields/value-service.ts'
import { cancelEmail, emailInput, requestEmail, selectOptionalNewEmail } from './email-service.ts'
import { changePassword } from './password-service.ts'
import { profileInput, selectProfile, setPhoto, updateProfile } from './profile-service.ts'
import { endOtherSessions, endSession, listSessions } from './session-service.ts'

const passwordBody = z.object({ currentPassword: z.string().min(1).max(1000), password: z.string().min(1).max(1000) })
const photoInput = z.object({ remove: checkbox() })
const sessionParams = z.object({ id: z.string().regex(/^[0-9a-f]{64}$/) })

// Zones of the country and its neighbours first; any other can be had from an administrator's import.
const ZONES = [...RUSSIAN_ZONES, 'UTC']

/** One's own profile: contacts, e-mail, photo, language, password and sessions. */
export function profileRoutes(routes: Routes): void {
  routes.get('/profile', { access: signedIn }, (context) => showProfile(context))
  routes.post(
    '/profile',
    { access: signedIn, body: profileInput, invalid: (context, form) => showProfile(context, { profile: form }) },
    async ({ actor, body }) => {
      await updateProfile(actor, body)
      return redirect('/profile', 'accounts.profile.saved')
    },
  )
  routes.post(
    '/profile/photo',
    {
      access: signedIn,
      upload: { field: 'photo', use: 'photo' },
      body: photoInput,
      invalid: (context, form) => showProfile(context, { photo: form }),
    },
    async ({ actor, body, file }) => {
      if (!file && !body.remove) throw InputError.of('photo', 'accounts.profile.photoMissing')
      await setPhoto(actor, body.remove ? undefined : file)
      return redirect('/profile', body.remove ? 'accounts.profile.photoRemoved' : 'accounts.profile.photoSaved')
    },
  )
  routes.post(
    '/profile/password',
    { access: signedIn, body: passwordBody, invalid: (context, form) => showProfile(context, { password: form }) },
    async ({ actor, body, req }) => {
      await changePassword(actor, req.sessionID, body)
      return redirect('/profile', 'accounts.profile.passwordChanged')
    },
  )
  routes.post(
    '/profile/email',
    { access: signedIn, body: emailInput, invalid: (context, form) => showProfile(context, { email: form }) },
    async ({ actor, body }) => {
      await requestEmail(actor, body)
      return redirect('/profile', { kind: 'info', key: 'accounts.email.sent', values: { email: body.email } })
    },
  )
  routes.post('/profile/email/cancel', { access: signedIn }, async ({ actor }) => {
    await cancelEmail(actor)
    return redirect('/profile', 'accounts.email.cancelled')
  })
  routes.post('/profile/sessions/others/end', { access: signedIn }, async ({ actor, req }) => {
    await endOtherSessions(actor, req.sessionID, browserOf(req))
    return redirect('/profile', 'accounts.profile.sessionsEnded')
  })
  routes.post('/profile/sessions/:id/end', { access: signedIn, params: sessionParams }, async ({ actor, params }) => {
    await endSession(actor, params.id)
    return redirect('/profile', 'accounts.profile.sessionEnded')
  })
}

async function showProfile(
  context: AnyContext,
  shown: { profile?: Form; photo?: Form; password?: Form; email?: Form } = {},
): Promise<Reply> {
  const { actor, req, t, format } = context
  const [fields, profile, sessions, newEmail, mail] = await Promise.all([
    fieldsOfPerson(actor, actor.personId as number),
    selectProfile(actor),
    // Where they are signed in is nobody else's business.
    actor.viewedBy ? [] : listSessions(actor),
    selectOptionalNewEmail(actor),
    setting('mail'),
  ])
  const values = {
    phone: profile.phone,
    about: profile.about,
    language: profile.language ?? '',
    timeZone: profile.time_zone ?? '',
  }
  const here = hashSessionId(req.sessionID)
  const model = {
    name: fullName(profile),
    login: profile.login,
    more: {
      sections: presentValues(context, fields),
      editHref: fields.edited.length ? '/profile/fields' : null,
    },
    photoUrl: fileUrl(profile.photo_file_id),
    form: shown.profile ?? cleanForm(values),
    photoMegabytes: limitOf('photo'),
    photoForm: shown.photo ?? cleanForm({}),
    email: profile.email,
    newEmail,
    canChangeEmail: mail.enabled,
    emailForm: shown.email ?? cleanForm({}),
    passwordForm: shown.password ?? cleanForm({}),
    languages: LANGUAGES.map((code) => ({ value: code, label: languageLabel(code) })),
    zones: ZONES.map((zone) => ({ value: zone, label: t(`accounts.zone.${zone.split('/').pop()}`) })),
    sessions: sessions.map((session) => ({
      id: session.id,
      isHere: session.id === here,
      device: deviceOf(session.user_agent, t),
      ip: session.ip,
      seen: format.human(session.seen_at),
      since: format.dateTime(session.created_at),
    })),
  }
  return page('accounts/profile', model, { title: t('accounts.profile.title') })
}
