/* SPDX-License-Identifier: BSD-2-Clause
 *
 * mkimage joins the kernel and a root task into one bootable image:
 *
 *   kernel      its loadable segments at their distance from the lowest address,
 *               zeros in between and after, a whole number of pages; begins with
 *               the Linux arm64 image header
 *   root task   the pages of its image up to the last byte that comes from the file
 *
 * The header's image_size and the kernel's struct boot_params say how much memory
 * both need, where the root task lies and what the boot parameters are. Whatever
 * could keep the image from booting is refused here, with the file and the reason.
 *
 * Exit status: 0 done, 1 an input is refused or a file cannot be used, 2 wrong usage.
 */
#define _GNU_SOURCE /* getopt_long(), mkstemp() */

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <kaal/objects.h>

#include "core/boot/boot.h"
#include "core/boot/params.h"
#include "tools/elf.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "struct boot_params is written as it is in memory");

enum {
    EXIT_REFUSED = 1,
    EXIT_USAGE = 2,

    PAGE_BITS = KAAL_SMALL_PAGE_BITS,

    /* The Linux arm64 image header (docs/spec/aarch64-boot.md 1.1). */
    IMAGE_SIZE_OFFSET = 0x10,
    IMAGE_MAGIC_OFFSET = 0x38,
    IMAGE_HEADER_BYTES = 64,
};

/*
 * RAM that is needed beside kernel, root task and root CNode: up to 2 MiB before the image, the device
 * tree and its copy, translation tables and the root task's first objects.
 */
#define RAM_MARGIN (UINT64_C(8) << 20)

struct file {
    const char *name;
    uint8_t *bytes;
    size_t size;
    struct stat status;
};

struct options {
    const char *kernel;
    const char *root;
    const char *output;
    uint64_t ram; /* bytes */
};

/* What will be written, and what of it is zero memory behind the file. */
struct image {
    uint8_t *bytes;
    size_t size;
    uint64_t memory_bytes;
    uint64_t params_offset; /* of struct boot_params */
};

__attribute__((format(printf, 1, 2))) static _Noreturn void refuse(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    fputs("mkimage: ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
    exit(EXIT_REFUSED);
}

static void *allocate(size_t bytes)
{
    void *memory = calloc(bytes > 0 ? bytes : 1, 1);

    if (memory == NULL) {
        refuse("out of memory (%zu bytes)", bytes);
    }
    return memory;
}

/* ---- Files ---- */

static void read_file(struct file *file, const char *name)
{
    size_t capacity = 1u << 16;
    FILE *stream = fopen(name, "rb");

    if (stream == NULL || fstat(fileno(stream), &file->status) != 0) {
        refuse("%s: cannot be read: %s", name, strerror(errno));
    }
    if (S_ISREG(file->status.st_mode)) {
        capacity = (size_t)file->status.st_size + 1;
    }
    file->name = name;
    file->size = 0;
    file->bytes = allocate(capacity);
    for (;;) {
        file->size += fread(file->bytes + file->size, 1, capacity - file->size, stream);
        if (ferror(stream)) {
            refuse("%s: cannot be read: %s", name, strerror(errno));
        }
        if (feof(stream)) {
            break;
        }
        capacity *= 2;
        file->bytes = realloc(file->bytes, capacity);
        if (file->bytes == NULL) {
            refuse("%s: out of memory (%zu bytes)", name, capacity);
        }
    }
    fclose(stream);
}

/* The output replaces what has its name: that must not be a device or one of the inputs. */
static void check_output(const char *name, const struct file *kernel, const struct file *root)
{
    struct stat status;

    if (stat(name, &status) != 0) {
        return;
    }
    if (!S_ISREG(status.st_mode)) {
        refuse("%s: cannot be written: not a regular file", name);
    }
    if ((status.st_dev == kernel->status.st_dev && status.st_ino == kernel->status.st_ino) ||
        (status.st_dev == root->status.st_dev && status.st_ino == root->status.st_ino)) {
        refuse("%s: is an input, it cannot be the output, too", name);
    }
}

/* All or nothing: the output appears when it is complete. */
static void write_file(const char *name, const uint8_t *bytes, size_t size)
{
    size_t length = strlen(name);
    char *temporary = allocate(length + sizeof(".XXXXXX"));
    mode_t mask = umask(0);

    umask(mask);
    memcpy(temporary, name, length);
    memcpy(temporary + length, ".XXXXXX", sizeof(".XXXXXX"));
    int descriptor = mkstemp(temporary);

    if (descriptor < 0) {
        refuse("%s: cannot be written: %s", name, strerror(errno));
    }
    FILE *stream = fdopen(descriptor, "wb");
    bool good =
        stream != NULL && fwrite(bytes, 1, size, stream) == size && fchmod(descriptor, 0666 & ~mask) == 0;

    good = stream != NULL && fclose(stream) == 0 && good;
    if (!good || rename(temporary, name) != 0) {
        int error = errno;

        unlink(temporary);
        refuse("%s: cannot be written: %s", name, strerror(error));
    }
    free(temporary);
}

/* ---- Boot parameters ---- */

struct parameter {
    const char *name;
    size_t offset; /* in struct boot_params */
    word_t value;  /* default */
    word_t minimum;
    word_t maximum;
    const char *meaning;
};

static const struct parameter parameters[] = {
#define PARAMETER(field, name, default_value, minimum, maximum, meaning) \
    {(name), offsetof(struct boot_params, field), (default_value), (minimum), (maximum), (meaning)},
    BOOT_PARAMETERS(PARAMETER)
#undef PARAMETER
};

enum { PARAMETER_COUNT = sizeof(parameters) / sizeof(parameters[0]) };

static bool is_switch(const struct parameter *parameter)
{
    return parameter->minimum == 0 && parameter->maximum == 1;
}

static void set_parameter(struct boot_params *params, const struct parameter *parameter, word_t value)
{
    memcpy((uint8_t *)params + parameter->offset, &value, sizeof(value));
}

static void list_parameters(void)
{
    printf("%-18s %8s  %-12s %s\n", "parameter", "default", "range", "meaning");
    for (size_t i = 0; i < PARAMETER_COUNT; i++) {
        const struct parameter *parameter = &parameters[i];
        char range[64];

        if (is_switch(parameter)) {
            printf("%-18s %8s  %-12s %s\n", parameter->name, parameter->value != 0 ? "on" : "off", "on, off",
                   parameter->meaning);
            continue;
        }
        snprintf(range, sizeof(range), "%" PRIu64 "..%" PRIu64, parameter->minimum, parameter->maximum);
        printf("%-18s %8" PRIu64 "  %-12s %s\n", parameter->name, parameter->value, range,
               parameter->meaning);
    }
}

/* A whole decimal or hexadecimal (0x) number. */
static bool parse_number(const char *text, uint64_t *number, const char **rest)
{
    char *end;

    if (text[0] < '0' || text[0] > '9') {
        return false;
    }
    errno = 0;
    *number = strtoull(text, &end, text[0] == '0' && (text[1] == 'x' || text[1] == 'X') ? 16 : 10);
    *rest = end;
    return errno == 0;
}

/* One "name=value". */
static void apply_parameter(struct boot_params *params, char *setting)
{
    char *value = strchr(setting, '=');
    const struct parameter *parameter = NULL;
    const char *rest = "";
    uint64_t number = 0;

    if (value == NULL) {
        refuse("parameter '%s': must be name=value", setting);
    }
    *value++ = '\0';
    for (size_t i = 0; i < PARAMETER_COUNT; i++) {
        if (strcmp(setting, parameters[i].name) == 0) {
            parameter = &parameters[i];
        }
    }
    if (parameter == NULL) {
        refuse("unknown parameter '%s' (mkimage --list-params shows all)", setting);
    }
    if (is_switch(parameter) && strcmp(value, "on") == 0) {
        number = 1;
    } else if (is_switch(parameter) && strcmp(value, "off") == 0) {
        number = 0;
    } else if (!parse_number(value, &number, &rest) || *rest != '\0' || number < parameter->minimum ||
               number > parameter->maximum) {
        if (is_switch(parameter)) {
            refuse("parameter %s: '%s' is neither on nor off", parameter->name, value);
        }
        refuse("parameter %s: '%s' is not a number from %" PRIu64 " to %" PRIu64, parameter->name, value,
               parameter->minimum, parameter->maximum);
    }
    set_parameter(params, parameter, number);
}

static void apply_parameters(struct boot_params *params, const char *settings)
{
    static const char separators[] = " \t\n,";
    char *copy = allocate(strlen(settings) + 1);

    memcpy(copy, settings, strlen(settings));
    for (char *setting = strtok(copy, separators); setting != NULL; setting = strtok(NULL, separators)) {
        apply_parameter(params, setting);
    }
    free(copy);
}

/* ---- The image ---- */

static void open_program(struct elf *elf, const struct file *file)
{
    const char *error = elf_open(elf, file->bytes, file->size);

    if (error != NULL) {
        refuse("%s: %s", file->name, error);
    }
}

/* Bytes of RAM that kernel and root task may take together. */
static void check_ram(const char *name, uint64_t bytes, const struct options *options)
{
    if (options->ram < RAM_MARGIN || bytes > options->ram - RAM_MARGIN) {
        refuse("%s: needs %" PRIu64
               " KiB of memory with all that belongs to it; that does not fit in %" PRIu64
               " KiB of RAM (--ram)",
               name, (bytes + RAM_MARGIN) >> 10, options->ram >> 10);
    }
}

static void flatten_kernel(struct image *image, const struct file *file, const struct options *options)
{
    static const uint8_t magic[] = {'A', 'R', 'M', 0x64};
    struct elf elf;
    struct elf_symbol symbol;
    struct boot_params params;

    open_program(&elf, file);
    if (!is_aligned(elf.lowest, PAGE_BITS)) {
        refuse("%s: does not begin at a page boundary", file->name);
    }
    check_ram(file->name, elf.highest - elf.lowest, options);
    image->size = align_up(elf.highest - elf.lowest, PAGE_BITS);
    image->bytes = allocate(image->size);
    elf_copy(&elf, image->bytes, elf.lowest);
    if (memcmp(image->bytes + IMAGE_MAGIC_OFFSET, magic, sizeof(magic)) != 0) {
        refuse("%s: not a kernel: it does not begin with a Linux arm64 image header", file->name);
    }
    const char *error = elf_find_symbol(&elf, "boot_params", &symbol);

    if (error != NULL) {
        refuse("%s: not a kernel with boot parameters (symbol boot_params): %s", file->name, error);
    }
    image->params_offset = symbol.value - elf.lowest;
    if (symbol.value < elf.lowest || symbol.size != sizeof(params) || image->size < sizeof(params) ||
        image->params_offset > image->size - sizeof(params)) {
        refuse("%s: its boot parameters (symbol boot_params) are not those that this mkimage knows",
               file->name);
    }
    memcpy(&params, image->bytes + image->params_offset, sizeof(params));
    if (params.magic != BOOT_PARAMS_MAGIC || params.version != BOOT_PARAMS_VERSION) {
        refuse("%s: its boot parameters are of another version than those of this mkimage", file->name);
    }
}

/* User space holds the root task's image, its IPC buffer and the boot information, one page each, above it.
 */
static void check_user_space(const struct elf *elf, const char *name)
{
    const uint64_t last = KAAL_USER_TOP - ((UINT64_C(2) << PAGE_BITS) - 1);

    for (unsigned i = 0; i < elf->segment_count; i++) {
        const struct elf_segment *segment = &elf->segment[i];

        if (segment->vaddr + segment->memory_bytes - 1 > KAAL_USER_TOP) {
            refuse("%s: overlaps the kernel: a segment at 0x%" PRIx64
                   " reaches beyond the end of user space, 0x%" PRIx64,
                   name, segment->vaddr, (uint64_t)KAAL_USER_TOP);
        }
    }
    if (align_up(elf->highest, PAGE_BITS) > last) {
        refuse("%s: leaves no room for IPC buffer and boot information below the end of user space", name);
    }
}

/* Appends the root task's pages and describes them in *params. */
static void append_root(struct image *image, const struct file *file, const struct options *options,
                        struct boot_params *params)
{
    struct elf elf;
    uint64_t file_end = 0;

    open_program(&elf, file);
    check_user_space(&elf, file->name);
    uint64_t base = align_down(elf.lowest, PAGE_BITS);

    for (unsigned i = 0; i < elf.segment_count; i++) {
        uint64_t end = elf.segment[i].vaddr + elf.segment[i].file_bytes;

        if (elf.segment[i].file_bytes > 0 && end - base > file_end) {
            file_end = end - base;
        }
    }
    params->root_offset = image->size;
    params->root_file_bytes = align_up(file_end, PAGE_BITS);
    params->root_size = align_up(elf.highest, PAGE_BITS) - base;
    params->root_vaddr = base;
    params->root_entry = elf.entry;
    image->memory_bytes = image->size + params->root_size;
    check_ram(file->name, image->memory_bytes + bit((unsigned)params->root_cnode_bits + KAAL_SLOT_BITS),
              options);

    uint8_t *joined = allocate(image->size + params->root_file_bytes);

    memcpy(joined, image->bytes, image->size);
    elf_copy(&elf, joined + image->size, base);
    free(image->bytes);
    image->bytes = joined;
    image->size += params->root_file_bytes;
}

static void make_image(const struct options *options, struct boot_params *params)
{
    struct file kernel;
    struct file root;
    struct image image;

    read_file(&kernel, options->kernel);
    read_file(&root, options->root);
    flatten_kernel(&image, &kernel, options);
    append_root(&image, &root, options, params);
    const char *error = boot_params_check(params);

    if (error != NULL) {
        refuse("%s: %s", root.name, error);
    }
    memcpy(image.bytes + image.params_offset, params, sizeof(*params));
    memcpy(image.bytes + IMAGE_SIZE_OFFSET, &image.memory_bytes, sizeof(image.memory_bytes));
    check_output(options->output, &kernel, &root);
    write_file(options->output, image.bytes, image.size);
    free(image.bytes);
    free(kernel.bytes);
    free(root.bytes);
}

/* ---- Command line ---- */

static void print_help(FILE *stream)
{
    fputs("usage: mkimage --kernel KERNEL.elf --root ROOT.elf --output IMAGE [options]\n"
          "\n"
          "Joins the kernel and a root task (a static AArch64 ELF program) into one image\n"
          "with the Linux arm64 boot header, for QEMU's -kernel, U-Boot's booti and others.\n"
          "\n"
          "  --params \"NAME=VALUE ...\"  boot parameters; may be given more than once\n"
          "  --ram SIZE                 refuse what does not fit in this much RAM (default 1G);\n"
          "                             a number with K, M or G; MiB without one, as for QEMU's -m\n"
          "  --list-params              show the boot parameters, their defaults and ranges\n"
          "  --help                     this text\n",
          stream);
}

static _Noreturn void usage_error(const char *message, const char *detail)
{
    fprintf(stderr, "mkimage: %s%s (mkimage --help explains)\n", message, detail);
    exit(EXIT_USAGE);
}

static uint64_t parse_size(const char *text)
{
    static const char units[] = "KMG";
    const char *unit = "";
    uint64_t number = 0;
    unsigned shift = 20;

    if (!parse_number(text, &number, &unit)) {
        usage_error("--ram: not a size: ", text);
    }
    if (*unit != '\0') {
        const char *known = strchr(units, *unit);

        if (known == NULL || unit[1] != '\0') {
            usage_error("--ram: not a size: ", text);
        }
        shift = 10 * (unsigned)(known - units + 1);
    }
    if (number > UINT64_MAX >> shift) {
        usage_error("--ram: too large: ", text);
    }
    return number << shift;
}

/* Options that answer a question end the program; so does wrong usage. */
static void parse_options(int argc, char **argv, struct options *options, struct boot_params *params)
{
    static const struct option names[] = {
        {"kernel", required_argument, NULL, 'k'}, {"root", required_argument, NULL, 'r'},
        {"output", required_argument, NULL, 'o'}, {"params", required_argument, NULL, 'p'},
        {"ram", required_argument, NULL, 'm'},    {"list-params", no_argument, NULL, 'l'},
        {"help", no_argument, NULL, 'h'},         {NULL, 0, NULL, 0},
    };
    int option;

    while ((option = getopt_long(argc, argv, "k:r:o:p:m:lh", names, NULL)) != -1) {
        switch (option) {
        case 'k': options->kernel = optarg; break;
        case 'r': options->root = optarg; break;
        case 'o': options->output = optarg; break;
        case 'p': apply_parameters(params, optarg); break;
        case 'm': options->ram = parse_size(optarg); break;
        case 'l': list_parameters(); exit(EXIT_SUCCESS);
        case 'h': print_help(stdout); exit(EXIT_SUCCESS);
        default: exit(EXIT_USAGE); /* getopt has said why */
        }
    }
    if (optind < argc) {
        usage_error("unexpected argument: ", argv[optind]);
    }
    if (options->kernel == NULL || options->root == NULL || options->output == NULL) {
        usage_error("--kernel, --root and --output are needed", "");
    }
}

int main(int argc, char **argv)
{
    struct options options = {.ram = UINT64_C(1) << 30};
    struct boot_params params = {.magic = BOOT_PARAMS_MAGIC, .version = BOOT_PARAMS_VERSION};

    for (size_t i = 0; i < PARAMETER_COUNT; i++) {
        set_parameter(&params, &parameters[i], parameters[i].value);
    }
    parse_options(argc, argv, &options, &params);
    make_image(&options, &params);
    return EXIT_SUCCESS;
}
