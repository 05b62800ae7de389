import { expect, it } from 'vitest';
import { scalarsEvent, versionEvent } from './tensorboard-event.ts';

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

it('versionEvent and scalarsEvent are the bytes protobuf gives for the same messages', () => {
  // Event(wall_time=1.5, file_version='brain.Event:2').SerializeToString().hex()
  expect(hex(versionEvent(1.5))).toBe('09000000000000f83f1a0d627261696e2e4576656e743a32');
  // Event(wall_time=1.5, step=300, summary=Summary(value=[Value(tag='a/b', simple_value=0.25)])).SerializeToString().hex()
  expect(hex(scalarsEvent(1.5, 300, { 'a/b': 0.25 }))).toBe('09000000000000f83f10ac022a0c0a0a0a03612f62150000803e');
});
