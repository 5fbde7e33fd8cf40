type Requirement = { topic_id: number; requires_topic_id: number }

/**
 * Whether a topic would require itself, directly or through others, if it required `wanted`.
 * @param all what the other topics of the programme require now
 */
export function makesCircle(topicId: number, wanted: readonly number[], all: readonly Requirement[]): boolean {
  const needs = new Map<number, number[]>()
  for (const { topic_id, requires_topic_id } of all) {
    if (topic_id === topicId) continue
    needs.set(topic_id, [...(needs.get(topic_id) ?? []), requires_topic_id])
  }
  const open = [...wanted]
  const seen = new Set<number>()
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (next === topicId) return true
    if (seen.has(next)) continue
    seen.add(next)
    open.push(...(needs.get(next) ?? []))
  }
  return false
}
