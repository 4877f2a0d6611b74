/**
 * What becomes of the targets of a batch whose names lead elsewhere by now. Pure: what is known comes in, and what is
 * to be done and noted comes out.
 *
 * Names with many addresses tell some of them at a time, others the next time. So a planned address that its name does
 * not lead to any more is not scanned, and its task goes to one that the name leads to now and that nobody else is
 * planned for. Where there is none, the name relies on one that is planned anyway. So every name that leads to
 * something allowed has a task at least, and no task goes out twice.
 */
import { type MoveNote, parseMoveNote } from '../../adapters/dispatch/moveNotes.ts';
import type { Ground, Left, Moves, NamedTarget, TargetVerdict, Withdrawn } from './moveTerms.ts';

export function decideMoves(
  targets: readonly NamedTarget[],
  notes: ReadonlyMap<string, MoveNote>,
  ground: Ground,
): Moves {
  const decider = new Decider(notes, ground);
  const verdicts = targets.map((target) => decider.judge(target));
  const { moved, changes } = decider;
  return { verdicts, moved, withdrawn: decider.withdrawn(verdicts), changes };
}

class Decider {
  readonly moved: Moves['moved'] = [];
  readonly changes = new Map<string, MoveNote>();
  readonly #notes: ReadonlyMap<string, MoveNote>;
  readonly #ground: Ground;
  readonly #givenUp: Withdrawn[] = [];

  constructor(notes: ReadonlyMap<string, MoveNote>, ground: Ground) {
    this.#notes = notes;
    this.#ground = ground;
  }

  judge(target: NamedTarget): TargetVerdict {
    const note = this.#note(target.ip);
    // What an exclusion covers takes its names with it: they are not scanned elsewhere either.
    const names = target.refusal?.detail.rule === 'exclusion' ? [] : namesAt(target, note);
    const open = names.filter((name) => !this.#ground.now(name).refusal);
    const following = open.filter((name) => this.#follows(name, target, note));
    const here = open.filter(
      (name) => !following.includes(name) && this.#ground.now(name).leadsTo(target.ip),
    );
    // Its own tasks were all dropped, and then a name of another target led here: the names here rely on that task.
    const isTakenOver = note.from !== undefined;
    if (isTakenOver) for (const name of here) this.#rely(name, target.ip);
    const isKept = !isTakenOver && this.#isKept(target, here);
    const staying = isKept || isTakenOver ? here : [];
    const left = open
      .filter((name) => !staying.includes(name))
      .map((name) => this.#leave(name, target, following.includes(name) ? note.to?.[name] : undefined));
    if (!isTakenOver) this.#notePlace(target, isKept);
    this.#send(target, left);
    for (const to of new Set(Object.values(note.to ?? {}))) this.#giveUp(to, target, left);
    return { target, hostnames: isKept ? staying : undefined, left, isTakenOver };
  }

  /** The other parts of the ports, or an earlier try, went where the name still leads. */
  #follows(name: string, { ip }: NamedTarget, { to }: MoveNote): boolean {
    const place = to?.[name];
    return (
      place !== undefined && this.#note(place).from === ip && this.#ground.now(name).open.includes(place)
    );
  }

  #isKept({ ip, hostnames, isListed, refusal }: NamedTarget, here: readonly string[]): boolean {
    if (refusal && refusal.detail.rule !== 'allowlist') return false;
    if (here.length === 0 && !isListed) return false;
    const asPlanned = refusal === undefined && hostnames.every((name) => here.includes(name));
    return asPlanned || this.#ground.allows(ip, here);
  }

  #leave(name: string, target: NamedTarget, place: string | undefined): Left {
    const { open } = this.#ground.now(name);
    const to = place ?? open.find((ip) => this.#note(ip).from === target.ip) ?? open.find(this.#isFree);
    if (to !== undefined) {
      const { parts = [], names = [] } = this.#note(to);
      const all = { parts: union(parts, target.parts), names: union(names, [name]) };
      this.#change(to, { from: target.ip, ...all });
      this.#change(target.ip, { to: { ...this.#note(target.ip).to, [name]: to } });
      return { name, to: [to], moved: true };
    }
    const scanned = open.filter((ip) => ip !== target.ip);
    for (const ip of scanned) if (this.#ground.decided(ip) !== 'known') this.#rely(name, ip);
    return { name, to: scanned, moved: false };
  }

  readonly #isFree = (ip: string): boolean => {
    const { from, gone = [] } = this.#note(ip);
    const decided = this.#ground.decided(ip);
    if (from !== undefined || decided === 'known') return false;
    return decided === undefined || gone.length === this.#ground.parts;
  };

  #rely(name: string, ip: string): void {
    this.#change(ip, { names: union(this.#note(ip).names ?? [], [name]) });
  }

  /** Whoever leads to a dropped address may take it over. */
  #notePlace({ ip, parts, refusal }: NamedTarget, isKept: boolean): void {
    const { gone = [] } = this.#note(ip);
    const other = gone.filter((part) => !parts.includes(part));
    if (isKept ? other.length < gone.length : refusal?.detail.rule !== 'exclusion')
      this.#change(ip, { gone: isKept ? other : union(gone, parts) });
  }

  #send({ ip, parts }: NamedTarget, left: readonly Left[]): void {
    for (const to of new Set(left.flatMap((each) => (each.moved ? each.to : [])))) {
      const names = left.filter((each) => each.moved && each.to.includes(to)).map(({ name }) => name);
      this.moved.push({ from: ip, ip: to, hostnames: names, parts });
    }
  }

  /** Of an earlier try: nobody goes there any more, unless a name of another target has come to rely on it. */
  #giveUp(to: string, target: NamedTarget, left: readonly Left[]): void {
    const { from, parts = [], names = [] } = this.#note(to);
    const ours = parts.filter((part) => target.parts.includes(part));
    if (from !== target.ip || ours.length === 0) return;
    if (left.some((each) => each.moved && each.to.includes(to))) return;
    const own = namesAt(target, this.#note(target.ip));
    const others = names.filter((name) => !own.includes(name));
    if (others.length > 0 && this.#ground.allows(to, others)) {
      this.moved.push({ from: target.ip, ip: to, hostnames: others, parts: ours });
      return;
    }
    this.#givenUp.push({ ip: to, parts: ours });
    const rest = parts.filter((part) => !ours.includes(part));
    this.#change(
      to,
      rest.length > 0 ? { parts: rest } : { from: undefined, parts: undefined, names: others },
    );
  }

  /** Not what a name of another target took over: such a task has the same id. */
  withdrawn(verdicts: readonly TargetVerdict[]): Withdrawn[] {
    const dropped = verdicts.flatMap(({ target: { ip, parts, refusal }, hostnames }) => {
      const { from, parts: taken = [] } = this.#note(ip);
      if (hostnames !== undefined) return [];
      return {
        ip,
        parts: from === undefined || refusal ? parts : parts.filter((part) => !taken.includes(part)),
      };
    });
    return [...this.#givenUp, ...dropped].filter(({ parts }) => parts.length > 0);
  }

  #note(ip: string): MoveNote {
    return this.changes.get(ip) ?? this.#notes.get(ip) ?? {};
  }

  #change(ip: string, change: { [Field in keyof MoveNote]: MoveNote[Field] | undefined }): void {
    // As it will be read again, without the fields that are gone.
    this.changes.set(ip, parseMoveNote(JSON.stringify({ ...this.#note(ip), ...change })));
  }
}

function namesAt({ hostnames }: NamedTarget, { names = [] }: MoveNote): string[] {
  return union(hostnames, names);
}

function union<Item>(some: readonly Item[], more: readonly Item[]): Item[] {
  return [...new Set([...some, ...more])];
}
