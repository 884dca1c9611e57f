"""Asks the processor whether the hypervisor tells about steal; a zero in /proc/stat alone doesn't say."""
import ctypes
import mmap
import os
import platform

HYPERVISOR = 0x40000000
FEATURES = 0x40000001
# KVM_FEATURE_STEAL_TIME, https://docs.kernel.org/virt/kvm/x86/cpuid.html
STEAL_BIT = 1 << 5
# void f(uint32_t leaf, uint32_t out[4]): push rbx; mov eax,edi; xor ecx,ecx; cpuid; store; pop rbx; ret
CODE = bytes.fromhex("53 89f8 31c9 0fa2 8906 895e04 894e08 89560c 5b c3")


def tells_steal():
    """True on KVM with steal time and on Xen; False elsewhere, and where it can't be asked."""
    if platform.machine() != "x86_64" or not in_virtual_machine():
        return False
    try:
        _, *name = ask(HYPERVISOR)
        signature = b"".join(part.to_bytes(4, "little") for part in name)
        if signature == b"KVMKVMKVM\0\0\0":
            return bool(ask(FEATURES)[0] & STEAL_BIT)
        return signature == b"XenVMMXenVMM"
    except OSError:
        return False


def in_virtual_machine():
    with open("/proc/cpuinfo", encoding="ascii", errors="replace") as file:
        return any(text.startswith("flags") and " hypervisor" in text for text in file)


def ask(leaf):
    """The registers eax, ebx, ecx and edx after CPUID. The code lies in a file, never writable where it runs."""
    file = os.memfd_create("cpuid")
    try:
        os.write(file, CODE)
        with mmap.mmap(file, len(CODE), mmap.MAP_PRIVATE, mmap.PROT_READ | mmap.PROT_EXEC) as page:
            return call(page, leaf)
    finally:
        os.close(file)


def call(page, leaf):
    # ctypes' own from_buffer refuses a read-only mapping; the buffer protocol tells where it begins.
    view = PyBuffer()
    ctypes.pythonapi.PyObject_GetBuffer(ctypes.py_object(page), ctypes.byref(view), 0)
    try:
        function = ctypes.CFUNCTYPE(None, ctypes.c_uint32, ctypes.POINTER(ctypes.c_uint32 * 4))(view.buf)
        out = (ctypes.c_uint32 * 4)()
        function(leaf, ctypes.byref(out))
        return tuple(out)
    finally:
        ctypes.pythonapi.PyBuffer_Release(ctypes.byref(view))


class PyBuffer(ctypes.Structure):
    """`Py_buffer`, https://docs.python.org/3/c-api/buffer.html"""

    _fields_ = [
        ("buf", ctypes.c_void_p),
        ("obj", ctypes.c_void_p),
        ("len", ctypes.c_ssize_t),
        ("itemsize", ctypes.c_ssize_t),
        ("readonly", ctypes.c_int),
        ("ndim", ctypes.c_int),
        ("format", ctypes.c_char_p),
        ("shape", ctypes.c_void_p),
        ("strides", ctypes.c_void_p),
        ("suboffsets", ctypes.c_void_p),
        ("internal", ctypes.c_void_p),
    ]
