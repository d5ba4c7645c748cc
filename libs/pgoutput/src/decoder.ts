import { DecodeError } from '@astro/sync-core';
import { ByteReader } from './byte-reader.js';
import type { Delete, PgoutputMessage, Relation, RelationColumn, Update } from './messages.js';
import { NULL_VALUE, Tuple, UNCHANGED } from './tuple.js';

const IDENTITY_FLAG = 1;
const CASCADE_FLAG = 1;
const RESTART_IDENTITY_FLAG = 2;
const TRANSACTIONAL_FLAG = 1;

/**
 * Decodes pgoutput, protocol version 1, values as text.
 * Source: PostgreSQL documentation, "Logical Replication Message Formats".
 * Holds the relations of one connection: make a new decoder for each START_REPLICATION.
 */
export class PgoutputDecoder {
  private readonly relations = new Map<number, Relation>();
  private readonly reader = new ByteReader();
  private readonly before = new Tuple();
  private readonly after = new Tuple();

  /**
   * The message in `bytes` from `start` up to `end`.
   * @throws {DecodeError} when the bytes are not a message of this protocol version
   */
  decode(bytes: Buffer, start = 0, end = bytes.length): PgoutputMessage {
    const { reader } = this;
    reader.begin(bytes, start, end);
    const tag = reader.char();
    switch (tag) {
      case 'I':
        return this.insert(reader);
      case 'U':
        return this.update(reader);
      case 'D':
        return this.delete(reader);
      case 'B':
        return { kind: 'begin', commitLsn: reader.lsn(), committedAtUs: reader.int64(), xid: reader.uint32() };
      case 'C':
        reader.byte(); // flags, unused in this version
        return { kind: 'commit', commitLsn: reader.lsn(), endLsn: reader.lsn() };
      case 'R':
        return this.relation(reader);
      case 'T':
        return this.truncate(reader);
      case 'M':
        return message(reader);
      case 'Y':
      case 'O':
        return { kind: 'ignored' };
      default:
        throw new DecodeError(`Unknown replication message "${tag}"; pgoutput protocol version 1 was asked for.`);
    }
  }

  private insert(reader: ByteReader): PgoutputMessage {
    const relation = this.known(reader.uint32());
    expectTag(reader, 'N');
    return { kind: 'insert', relation, after: readTuple(reader, this.after) };
  }

  private update(reader: ByteReader): Update {
    const relation = this.known(reader.uint32());
    let tag = reader.char();
    let before: Update['before'] = null;
    if (tag === 'K' || tag === 'O') {
      before = { kind: tag === 'K' ? 'key' : 'full', values: readTuple(reader, this.before) };
      tag = reader.char();
    }
    if (tag !== 'N') throw new DecodeError(`Expected a new row in an update, found "${tag}".`);
    return { kind: 'update', relation, before, after: readTuple(reader, this.after) };
  }

  private delete(reader: ByteReader): Delete {
    const relation = this.known(reader.uint32());
    const tag = reader.char();
    if (tag !== 'K' && tag !== 'O') throw new DecodeError(`Expected an old row in a delete, found "${tag}".`);
    const values = readTuple(reader, this.before);
    return { kind: 'delete', relation, before: { kind: tag === 'K' ? 'key' : 'full', values } };
  }

  private relation(reader: ByteReader): Relation {
    const oid = reader.uint32();
    const schema = reader.cString();
    const name = reader.cString();
    const replicaIdentity = reader.char();
    const columns: RelationColumn[] = [];
    for (let left = reader.uint16(); left > 0; left--) {
      const identity = (reader.byte() & IDENTITY_FLAG) !== 0;
      columns.push({ identity, name: reader.cString(), typeOid: reader.uint32() });
      reader.int32(); // type modifier: the text needs none
    }
    // An empty schema name stands for pg_catalog.
    const table = { schema: schema === '' ? 'pg_catalog' : schema, name };
    const relation: Relation = { kind: 'relation', oid, table, replicaIdentity, columns };
    this.relations.set(oid, relation);
    return relation;
  }

  private truncate(reader: ByteReader): PgoutputMessage {
    const count = reader.uint32();
    const flags = reader.byte();
    const relations = Array.from({ length: count }, () => this.known(reader.uint32()));
    return {
      kind: 'truncate',
      relations,
      cascade: (flags & CASCADE_FLAG) !== 0,
      restartIdentity: (flags & RESTART_IDENTITY_FLAG) !== 0,
    };
  }

  private known(oid: number): Relation {
    const relation = this.relations.get(oid);
    if (!relation) throw new DecodeError(`A row of relation ${oid} came before its description.`);
    return relation;
  }
}

function message(reader: ByteReader): PgoutputMessage {
  const transactional = (reader.byte() & TRANSACTIONAL_FLAG) !== 0;
  reader.lsn();
  const prefix = reader.cString();
  const length = reader.uint32();
  return { kind: 'message', transactional, prefix, content: reader.text(length) };
}

function expectTag(reader: ByteReader, expected: string): void {
  const tag = reader.char();
  if (tag !== expected) throw new DecodeError(`Expected "${expected}" in a replication message, found "${tag}".`);
}

function readTuple(reader: ByteReader, tuple: Tuple): Tuple {
  const count = reader.uint16();
  tuple.begin(reader.bytes, count);
  for (let i = 0; i < count; i++) {
    const length = valueLength(reader);
    tuple.lengths[i] = length;
    tuple.starts[i] = length > 0 ? reader.skip(length) : reader.offset;
  }
  return tuple;
}

function valueLength(reader: ByteReader): number {
  const kind = reader.byte();
  switch (kind) {
    case 0x74: // t: text
      return reader.length();
    case 0x6e: // n: null
      return NULL_VALUE;
    case 0x75: // u: unchanged
      return UNCHANGED;
    default:
      throw new DecodeError(`Unknown column kind ${kind}; text values were asked for.`);
  }
}
