import { existsSync } from 'node:fs';

/**
 * The Vulkan driver description WebGPU needs on a machine without a GPU: what `VK_ICD_FILENAMES` names, or SwiftShader as
 * Debian's chromium brings it (`apt-get install chromium libvulkan1`). Undefined where there is neither.
 */
export const softwareGpu: string | undefined = [
  process.env.VK_ICD_FILENAMES,
  '/usr/lib/chromium/vk_swiftshader_icd.json',
].find((file) => file !== undefined && existsSync(file));
