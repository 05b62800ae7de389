/** A checkpoint as the archive a server gives: a PEFT folder in a tar.gz. */
import { gzipSync } from 'node:zlib';
import { encodeSafetensors } from '@svo/files';
import type { HeldCheckpoint } from './world.ts';

export function adapterArchive({ adapters, rank, baseModel }: HeldCheckpoint, alpha: number): Uint8Array {
  const tensors = Object.fromEntries(
    Object.entries(adapters).map(([name, held]) => [`base_model.model.${name}`, held]),
  );
  const config = {
    peft_type: 'LORA',
    task_type: 'CAUSAL_LM',
    base_model_name_or_path: baseModel,
    r: rank,
    lora_alpha: alpha,
    bias: 'none',
    target_modules: null,
  };
  return gzipSync(
    tarOf({
      'adapter_config.json': new TextEncoder().encode(JSON.stringify(config)),
      'adapter_model.safetensors': encodeSafetensors(tensors),
    }),
  );
}

/** Files as a ustar archive. */
export function tarOf(files: Readonly<Record<string, Uint8Array>>, type = '0'): Uint8Array {
  const blocks: Uint8Array[] = [];
  for (const [name, content] of Object.entries(files)) {
    const header = new Uint8Array(512);
    const put = (text: string, at: number): void => header.set(new TextEncoder().encode(text), at);
    put(name, 0);
    put('0000644\0', 100);
    put(`${content.length.toString(8).padStart(11, '0')}\0`, 124);
    put('        ', 148);
    put(type, 156);
    put('ustar\x0000', 257);
    const sum = header.reduce((all, byte) => all + byte, 0);
    put(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
    blocks.push(header, content, new Uint8Array((512 - (content.length % 512)) % 512));
  }
  blocks.push(new Uint8Array(1024));
  return new Uint8Array(Buffer.concat(blocks));
}
