import { z } from 'zod'
import { optionalId } from '../../core/http/fields.ts'

export const homeQuery = z.object({ enrolment: optionalId().transform((value) => value ?? undefined) })
