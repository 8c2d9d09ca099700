/** A value of a JSON file with its place, asked for as what it must be. */
export class Entry {
  readonly value: unknown
  readonly #place: string
  readonly #invalid: (message: string) => never

  /** @param invalid  throws, naming the file */
  constructor(value: unknown, place: string, invalid: (message: string) => never) {
    this.value = value
    this.#place = place
    this.#invalid = invalid
  }

  wrong(message: string): never {
    return this.#invalid(`${this.#place === '' ? 'the file' : this.#place}: ${message}`)
  }

  #object(): Readonly<Record<string, unknown>> {
    const { value } = this
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return this.wrong('must be an object')
    return value as Record<string, unknown>
  }

  /** A key that must be there. */
  get(key: string): Entry {
    const object = this.#object()
    if (!Object.hasOwn(object, key)) this.wrong(`${JSON.stringify(key)} is missing`)
    return new Entry(object[key], `${this.#place}/${key}`, this.#invalid)
  }

  /** Null where the key is missing. */
  optional(key: string): Entry | null {
    return Object.hasOwn(this.#object(), key) ? this.get(key) : null
  }

  nullable<T>(key: string, read: (entry: Entry) => T): T | null {
    const entry = this.get(key)
    return entry.value === null ? null : read(entry)
  }

  entries(): [key: string, entry: Entry][] {
    return Object.keys(this.#object()).map((key) => [key, this.get(key)])
  }

  list(most: number): Entry[] {
    const { value } = this
    if (!Array.isArray(value)) return this.wrong('must be a list')
    if (value.length > most) return this.wrong(`has ${value.length} entries; at most ${most} are possible`)
    return value.map((v, i) => new Entry(v, `${this.#place}/${i}`, this.#invalid))
  }

  text(): string {
    return typeof this.value === 'string' ? this.value : this.wrong('must be a text')
  }

  flag(): boolean {
    return typeof this.value === 'boolean' ? this.value : this.wrong('must be true or false')
  }

  number(): number {
    return typeof this.value === 'number' ? this.value : this.wrong('must be a number')
  }

  whole(low: number, high: number): number {
    const value = this.number()
    if (!Number.isInteger(value) || value < low || value > high)
      return this.wrong(`must be a whole number from ${low} to ${high}`)
    return value
  }

  word<const T extends string>(words: readonly T[]): T {
    const found = words.find((word) => word === this.value)
    return found ?? this.wrong(`must be one of ${words.join(', ')}`)
  }
}
