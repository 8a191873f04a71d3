/* QEMU's user mode emulation up to 10 does not know the calls TCGETS2 and TCSETS2, with which a serial line's settings are
 * read and written with any speed. It knows their older forms, which have the same layout but the speeds at the end. A pseudo
 * terminal has no speed. Preloaded into the emulated agent alone, by packaging/try/guest-emulated. */
#define _GNU_SOURCE
#include <asm/ioctls.h>
#include <asm/termbits.h>
#include <stdarg.h>
#include <sys/syscall.h>
#include <unistd.h>

int ioctl(int file, unsigned long request, ...) {
    va_list arguments;
    va_start(arguments, request);
    void *argument = va_arg(arguments, void *);
    va_end(arguments);
    struct termios2 settings;
    int result;
    switch (request) {
    case TCGETS2:
        result = syscall(SYS_ioctl, file, TCGETS, argument);
        ((struct termios2 *)argument)->c_ispeed = ((struct termios2 *)argument)->c_ospeed = 9600;
        return result;
    case TCSETS2:
        settings = *(struct termios2 *)argument;
        settings.c_cflag = (settings.c_cflag & ~(CBAUD | (CBAUD << IBSHIFT))) | B9600;
        return syscall(SYS_ioctl, file, TCSETS, &settings);
    default:
        return syscall(SYS_ioctl, file, request, argument);
    }
}
