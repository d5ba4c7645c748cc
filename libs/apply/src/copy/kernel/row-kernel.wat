;; Turns rows of PostgreSQL's COPY text format into keys and documents as RESP bulk strings (the Redis protocol).
;; Compiled into `row-kernel.wasm.ts` by `npm run kernel`; `row-kernel.ts` says what goes where in the memory.
;;
;; Values are looked at 16 bytes at a time: all 16 are copied, then those up to the first byte that JSON or COPY writes
;; otherwise count. So up to 16 bytes behind what is read are read, and up to 16 behind what is written are overwritten,
;; also where nothing is to be copied.
(module
  ;; (start of the row, where to write) -> behind the key's bulk string: keys that are not one plain value
  (import "row" "slowKey" (func $slowKey (param i32 i32) (result i32)))
  (memory (export "memory") 1)

  ;; The layout of a field, 12 bytes each: kind, where its label is, the label's bytes.
  (global $LEFT_OUT i32 (i32.const 0))
  (global $TEXT i32 (i32.const 1))
  (global $NUMBER i32 (i32.const 2))
  (global $BOOLEAN i32 (i32.const 3))

  (global $fields (mut i32) (i32.const 0))
  (global $fieldsEnd (mut i32) (i32.const 0))
  (global $prefix (mut i32) (i32.const 0))
  (global $prefixBytes (mut i32) (i32.const 0))
  ;; The field that is the key; negative: all keys are slow ones.
  (global $keyField (mut i32) (i32.const 0))
  ;; Room for the length of a document, which is known after it: as much as the one before needed.
  (global $room (mut i32) (i32.const 6))

  (func (export "describe")
    (param $fields i32) (param $fieldsEnd i32) (param $prefix i32) (param $prefixBytes i32) (param $keyField i32)
    (global.set $fields (local.get $fields))
    (global.set $fieldsEnd (local.get $fieldsEnd))
    (global.set $prefix (local.get $prefix))
    (global.set $prefixBytes (local.get $prefixBytes))
    (global.set $keyField (local.get $keyField)))

  ;; Packs rows from $in until $end, $maxRows or an $out behind $limit is reached, whichever comes first.
  ;; $what: 1 keys, 2 documents, 3 each key before its document. Unless $places is 0, it gets where each row's starts.
  ;; @returns the first byte that was not read, the first that was not written, the rows that were packed
  (func (export "pack")
    (param $what i32) (param $in i32) (param $end i32) (param $maxRows i32) (param $out i32) (param $limit i32)
    (param $places i32) (result i32 i32 i32)
    (local $rows i32)
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $in) (local.get $end)))
        (br_if $done (i32.ge_u (local.get $rows) (local.get $maxRows)))
        (br_if $done (i32.gt_u (local.get $out) (local.get $limit)))
        (if (local.get $places) (then
          (i32.store (i32.add (local.get $places) (i32.shl (local.get $rows) (i32.const 2))) (local.get $out))))
        (if (i32.and (local.get $what) (i32.const 1)) (then
          (local.set $out (call $packKey (local.get $in) (local.get $out)))))
        (if (i32.and (local.get $what) (i32.const 2))
          (then
            (call $packDocument (local.get $in) (local.get $out))
            (local.set $out)
            (local.set $in))
          (else
            (local.set $in (call $behindRow (local.get $in)))))
        (local.set $rows (i32.add (local.get $rows) (i32.const 1)))
        (br $next)))
    (local.get $in) (local.get $out) (local.get $rows))

  (func $packKey (param $row i32) (param $out i32) (result i32)
    (local $from i32) (local $to i32) (local $field i32)
    (if (i32.lt_s (global.get $keyField) (i32.const 0)) (then
      (return (call $slowKey (local.get $row) (local.get $out)))))
    (local.set $from (local.get $row))
    (block $found
      (loop $skip
        (br_if $found (i32.eq (local.get $field) (global.get $keyField)))
        (local.set $from (i32.add (call $endOfValue (local.get $from)) (i32.const 1)))
        (local.set $field (i32.add (local.get $field) (i32.const 1)))
        (br $skip)))
    (local.set $to (call $endOfPlain (local.get $from)))
    (if (i32.eq (i32.load8_u (local.get $to)) (i32.const 0x5c)) (then
      (return (call $slowKey (local.get $row) (local.get $out)))))
    (local.set $out (call $writeLength (local.get $out)
      (i32.add (global.get $prefixBytes) (i32.sub (local.get $to) (local.get $from)))))
    (local.set $out (call $copy (global.get $prefix) (global.get $prefixBytes) (local.get $out)))
    (local.set $out (call $copy (local.get $from) (i32.sub (local.get $to) (local.get $from)) (local.get $out)))
    (call $writeLineEnd (local.get $out)))

  ;; @returns behind the row, behind the document
  (func $packDocument (param $in i32) (param $out i32) (result i32 i32)
    (local $header i32) (local $first i32) (local $field i32) (local $kind i32)
    (local $length i32) (local $needed i32)
    (local.set $header (local.get $out))
    (local.set $first (i32.add (local.get $out) (global.get $room)))
    (local.set $out (local.get $first))
    (local.set $field (global.get $fields))
    (loop $next
      (local.set $kind (i32.load (local.get $field)))
      (if (i32.eq (local.get $kind) (global.get $LEFT_OUT))
        (then
          (local.set $in (i32.add (call $endOfValue (local.get $in)) (i32.const 1))))
        (else
          (local.set $out
            (call $copy (i32.load offset=4 (local.get $field)) (i32.load offset=8 (local.get $field)) (local.get $out)))
          (call $packValue (local.get $kind) (local.get $in) (local.get $out))
          (local.set $out)
          (local.set $in)))
      (local.set $field (i32.add (local.get $field) (i32.const 12)))
      (br_if $next (i32.lt_u (local.get $field) (global.get $fieldsEnd))))
    (i32.store8 (local.get $out) (i32.const 0x7d)) ;; }
    (local.set $length (i32.sub (i32.add (local.get $out) (i32.const 1)) (local.get $first)))
    (local.set $needed (i32.add (call $digits (local.get $length)) (i32.const 3)))
    (if (i32.ne (local.get $needed) (global.get $room)) (then
      (memory.copy (i32.add (local.get $header) (local.get $needed)) (local.get $first) (local.get $length))
      (global.set $room (local.get $needed))))
    (local.get $in)
    (call $writeLineEnd (i32.add (call $writeLength (local.get $header) (local.get $length)) (local.get $length))))

  ;; @returns behind what ends the value, behind what was written
  (func $packValue (param $kind i32) (param $in i32) (param $out i32) (result i32 i32)
    (local $bytes v128) (local $mask i32)
    (if (i32.eq (i32.load16_u (local.get $in)) (i32.const 0x4e5c)) (then ;; \N: no value begins so
      (i32.store (local.get $out) (i32.const 0x6c6c756e)) ;; null
      (return (i32.add (local.get $in) (i32.const 3)) (i32.add (local.get $out) (i32.const 4)))))
    (if (i32.eq (local.get $kind) (global.get $TEXT)) (then
      (return (call $packText (local.get $in) (local.get $out)))))
    (if (i32.eq (local.get $kind) (global.get $BOOLEAN)) (then
      (if (i32.eq (i32.load8_u (local.get $in)) (i32.const 0x74)) (then
        (i32.store (local.get $out) (i32.const 0x65757274)) ;; true
        (return (i32.add (local.get $in) (i32.const 2)) (i32.add (local.get $out) (i32.const 4)))))
      (i64.store (local.get $out) (i64.const 0x65736c6166)) ;; false
      (return (i32.add (local.get $in) (i32.const 2)) (i32.add (local.get $out) (i32.const 5)))))
    (loop $next ;; a number, as it is
      (local.set $bytes (v128.load (local.get $in)))
      (v128.store (local.get $out) (local.get $bytes))
      (local.set $mask (call $ends (local.get $bytes)))
      (if (i32.eqz (local.get $mask)) (then
        (local.set $in (i32.add (local.get $in) (i32.const 16)))
        (local.set $out (i32.add (local.get $out) (i32.const 16)))
        (br $next))))
    (local.set $mask (i32.ctz (local.get $mask)))
    (i32.add (i32.add (local.get $in) (local.get $mask)) (i32.const 1))
    (i32.add (local.get $out) (local.get $mask)))

  (func $packText (param $in i32) (param $out i32) (result i32 i32)
    (local $bytes v128) (local $mask i32) (local $byte i32)
    (i32.store8 (local.get $out) (i32.const 0x22)) ;; "
    (local.set $out (i32.add (local.get $out) (i32.const 1)))
    (block $end
      (loop $next
        (local.set $bytes (v128.load (local.get $in)))
        (v128.store (local.get $out) (local.get $bytes))
        (local.set $mask (i8x16.bitmask (v128.or
          (i8x16.lt_u (local.get $bytes) (i8x16.splat (i32.const 0x20)))
          (v128.or
            (i8x16.eq (local.get $bytes) (i8x16.splat (i32.const 0x22)))
            (i8x16.eq (local.get $bytes) (i8x16.splat (i32.const 0x5c)))))))
        (if (i32.eqz (local.get $mask)) (then
          (local.set $in (i32.add (local.get $in) (i32.const 16)))
          (local.set $out (i32.add (local.get $out) (i32.const 16)))
          (br $next)))
        (local.set $mask (i32.ctz (local.get $mask)))
        (local.set $in (i32.add (local.get $in) (local.get $mask)))
        (local.set $out (i32.add (local.get $out) (local.get $mask)))
        (local.set $byte (i32.load8_u (local.get $in)))
        (local.set $in (i32.add (local.get $in) (i32.const 1)))
        (br_if $end (i32.or
          (i32.eq (local.get $byte) (i32.const 0x09))
          (i32.eq (local.get $byte) (i32.const 0x0a))))
        (if (i32.eq (local.get $byte) (i32.const 0x5c)) (then
          ;; COPY and JSON write backspace, form feed, newline, return, tab and backslash alike.
          (local.set $byte (i32.load8_u (local.get $in)))
          (local.set $in (i32.add (local.get $in) (i32.const 1)))
          (if (i32.eq (local.get $byte) (i32.const 0x76)) ;; v
            (then (local.set $out (call $writeControl (local.get $out) (i32.const 0x0b))))
            (else (local.set $out (call $writeEscaped (local.get $out) (local.get $byte)))))
          (br $next)))
        (if (i32.eq (local.get $byte) (i32.const 0x22))
          (then (local.set $out (call $writeEscaped (local.get $out) (local.get $byte))))
          (else (local.set $out (call $writeControl (local.get $out) (local.get $byte)))))
        (br $next)))
    (i32.store8 (local.get $out) (i32.const 0x22))
    (local.get $in)
    (i32.add (local.get $out) (i32.const 1)))

  ;; A backslash and the byte.
  (func $writeEscaped (param $out i32) (param $byte i32) (result i32)
    (i32.store16 (local.get $out) (i32.or (i32.const 0x5c) (i32.shl (local.get $byte) (i32.const 8))))
    (i32.add (local.get $out) (i32.const 2)))

  ;; \u00 and two digits; the first is 0 or 1.
  (func $writeControl (param $out i32) (param $byte i32) (result i32)
    (local $digit i32)
    (i32.store (local.get $out) (i32.const 0x3030755c))
    (i32.store8 offset=4 (local.get $out) (i32.add (i32.const 0x30) (i32.shr_u (local.get $byte) (i32.const 4))))
    (local.set $digit (i32.and (local.get $byte) (i32.const 15)))
    (i32.store8 offset=5 (local.get $out) (i32.add (local.get $digit)
      (select (i32.const 0x30) (i32.const 0x57) (i32.lt_u (local.get $digit) (i32.const 10)))))
    (i32.add (local.get $out) (i32.const 6)))

  ;; $, the number and a line end.
  (func $writeLength (param $out i32) (param $length i32) (result i32)
    (local $at i32) (local $end i32)
    (i32.store8 (local.get $out) (i32.const 0x24))
    (local.set $end (i32.add (i32.add (local.get $out) (i32.const 1)) (call $digits (local.get $length))))
    (local.set $at (local.get $end))
    (loop $next
      (local.set $at (i32.sub (local.get $at) (i32.const 1)))
      (i32.store8 (local.get $at) (i32.add (i32.const 0x30) (i32.rem_u (local.get $length) (i32.const 10))))
      (local.set $length (i32.div_u (local.get $length) (i32.const 10)))
      (br_if $next (local.get $length)))
    (call $writeLineEnd (local.get $end)))

  (func $writeLineEnd (param $out i32) (result i32)
    (i32.store16 (local.get $out) (i32.const 0x0a0d))
    (i32.add (local.get $out) (i32.const 2)))

  (func $digits (param $value i32) (result i32)
    (local $digits i32)
    (loop $next
      (local.set $digits (i32.add (local.get $digits) (i32.const 1)))
      (local.set $value (i32.div_u (local.get $value) (i32.const 10)))
      (br_if $next (local.get $value)))
    (local.get $digits))

  ;; @returns behind the copy
  (func $copy (param $from i32) (param $bytes i32) (param $to i32) (result i32)
    (local $end i32)
    (local.set $end (i32.add (local.get $to) (local.get $bytes)))
    (loop $next
      (v128.store (local.get $to) (v128.load (local.get $from)))
      (local.set $from (i32.add (local.get $from) (i32.const 16)))
      (local.set $to (i32.add (local.get $to) (i32.const 16)))
      (br_if $next (i32.lt_u (local.get $to) (local.get $end))))
    (local.get $end))

  ;; Of 16 bytes those that end a value: tab and newline, which inside a value are always escaped.
  (func $ends (param $bytes v128) (result i32)
    (i8x16.bitmask (v128.or
      (i8x16.eq (local.get $bytes) (i8x16.splat (i32.const 0x09)))
      (i8x16.eq (local.get $bytes) (i8x16.splat (i32.const 0x0a))))))

  (func $endOfValue (param $in i32) (result i32)
    (local $mask i32)
    (loop $next
      (local.set $mask (call $ends (v128.load (local.get $in))))
      (if (i32.eqz (local.get $mask)) (then
        (local.set $in (i32.add (local.get $in) (i32.const 16)))
        (br $next))))
    (i32.add (local.get $in) (i32.ctz (local.get $mask))))

  ;; Where the value ends or its first backslash is.
  (func $endOfPlain (param $in i32) (result i32)
    (local $bytes v128) (local $mask i32)
    (loop $next
      (local.set $bytes (v128.load (local.get $in)))
      (local.set $mask (i32.or
        (call $ends (local.get $bytes))
        (i8x16.bitmask (i8x16.eq (local.get $bytes) (i8x16.splat (i32.const 0x5c))))))
      (if (i32.eqz (local.get $mask)) (then
        (local.set $in (i32.add (local.get $in) (i32.const 16)))
        (br $next))))
    (i32.add (local.get $in) (i32.ctz (local.get $mask))))

  (func $behindRow (param $in i32) (result i32)
    (local $mask i32)
    (loop $next
      (local.set $mask (i8x16.bitmask (i8x16.eq (v128.load (local.get $in)) (i8x16.splat (i32.const 0x0a)))))
      (if (i32.eqz (local.get $mask)) (then
        (local.set $in (i32.add (local.get $in) (i32.const 16)))
        (br $next))))
    (i32.add (i32.add (local.get $in) (i32.ctz (local.get $mask))) (i32.const 1))))
