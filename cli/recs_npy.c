#include "recs_npy.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>


#define RECS_NPY_MAGIC       "\x93NUMPY"
#define RECS_NPY_MAGIC_LEN   6
#define RECS_NPY_HEADER_MAX  65535
#define RECS_NPY_ALIGN       64


_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
               "arrays are read and written as they lie in memory");


/* A .npy file being read: its header is a literal of a Python dict. */
typedef struct {
    FILE        *file;
    const char  *path;
    char        *header;                    /* NUL-terminated */
    const char  *p;                         /* what is left of it */
    char         descr[16];
    int          fortran;
    uint64_t     shape[2];
    unsigned     n_dims;
    unsigned     keys;
} recs_npy_reader_t;

#define RECS_NPY_DESCR    0x01
#define RECS_NPY_FORTRAN  0x02
#define RECS_NPY_SHAPE    0x04
#define RECS_NPY_KEYS     0x07


static recs_status_t
recs_npy_invalid(const recs_npy_reader_t *r, const char *what,
    recs_error_t *err)
{
    return recs_error(err, RECS_INVALID, "\"%s\": %s; save it with numpy.save"
                      "(file, numpy.ascontiguousarray(vectors, '<f4'))",
                      r->path, what);
}


static recs_status_t
recs_npy_read_bytes(recs_npy_reader_t *r, void *data, size_t len,
    recs_error_t *err)
{
    if (fread(data, 1, len, r->file) == len) {
        return RECS_OK;
    }

    if (ferror(r->file)) {
        return recs_error(err, RECS_IO, "cannot read \"%s\": %s", r->path,
                          strerror(errno));
    }

    return recs_npy_invalid(r, "the file ends too early", err);
}


static recs_status_t
recs_npy_read_header(recs_npy_reader_t *r, recs_error_t *err)
{
    size_t          n;
    uint32_t        len;
    recs_status_t   rc;
    unsigned char   start[RECS_NPY_MAGIC_LEN + 2], size[4];

    rc = recs_npy_read_bytes(r, start, sizeof(start), err);
    if (rc != RECS_OK) {
        return rc;
    }

    if (memcmp(start, RECS_NPY_MAGIC, RECS_NPY_MAGIC_LEN) != 0) {
        return recs_npy_invalid(r, "not a .npy file", err);
    }

    if (start[6] < 1 || start[6] > 3 || start[7] != 0) {
        return recs_npy_invalid(r, "a version of .npy that is not 1, 2 or 3",
                                err);
    }

    n = start[6] == 1 ? 2 : 4;
    memset(size, 0, sizeof(size));

    rc = recs_npy_read_bytes(r, size, n, err);
    if (rc != RECS_OK) {
        return rc;
    }

    len = size[0] | (uint32_t) size[1] << 8 | (uint32_t) size[2] << 16
          | (uint32_t) size[3] << 24;

    if (len > RECS_NPY_HEADER_MAX) {
        return recs_npy_invalid(r, "the header is too long", err);
    }

    r->header = malloc((size_t) len + 1);
    if (r->header == NULL) {
        return recs_error(err, RECS_NOMEM, "no memory for the header of "
                          "\"%s\"", r->path);
    }

    r->header[len] = '\0';
    r->p = r->header;

    return recs_npy_read_bytes(r, r->header, len, err);
}


static void
recs_npy_blanks(recs_npy_reader_t *r)
{
    r->p += strspn(r->p, " \t\n");
}


/* Takes c, with blanks around it, if it comes next. */
static int
recs_npy_take(recs_npy_reader_t *r, char c)
{
    recs_npy_blanks(r);

    if (*r->p != c) {
        return 0;
    }

    r->p++;
    recs_npy_blanks(r);

    return 1;
}


static int
recs_npy_string(recs_npy_reader_t *r, char *buf, size_t size)
{
    char    quote;
    size_t  len;

    quote = *r->p;

    if (quote != '\'' && quote != '"') {
        return 0;
    }

    r->p++;

    for (len = 0; r->p[len] != quote; len++) {
        if (r->p[len] == '\0' || r->p[len] == '\\' || len + 1 == size) {
            return 0;
        }
    }

    memcpy(buf, r->p, len);
    buf[len] = '\0';
    r->p += len + 1;

    return 1;
}


static int
recs_npy_bool(recs_npy_reader_t *r, int *value)
{
    if (strncmp(r->p, "True", 4) == 0) {
        *value = 1;
        r->p += 4;
        return 1;
    }

    if (strncmp(r->p, "False", 5) == 0) {
        *value = 0;
        r->p += 5;
        return 1;
    }

    return 0;
}


static int
recs_npy_number(recs_npy_reader_t *r, uint64_t *value)
{
    uint64_t  n;

    if (*r->p < '0' || *r->p > '9') {
        return 0;
    }

    for (n = 0; *r->p >= '0' && *r->p <= '9'; r->p++) {
        if (__builtin_mul_overflow(n, 10, &n)
            || __builtin_add_overflow(n, (uint64_t) (*r->p - '0'), &n))
        {
            return 0;
        }
    }

    *value = n;

    return 1;
}


/* A tuple of numbers; further dimensions than two are only counted. */
static int
recs_npy_tuple(recs_npy_reader_t *r)
{
    uint64_t  n;

    if (!recs_npy_take(r, '(')) {
        return 0;
    }

    while (!recs_npy_take(r, ')')) {

        if (!recs_npy_number(r, &n)) {
            return 0;
        }

        if (r->n_dims < 2) {
            r->shape[r->n_dims] = n;
        }

        r->n_dims++;

        recs_npy_blanks(r);

        if (*r->p != ')' && !recs_npy_take(r, ',')) {
            return 0;
        }
    }

    return 1;
}


static int
recs_npy_pair(recs_npy_reader_t *r)
{
    int       ok;
    char      key[16];
    unsigned  bit;

    if (!recs_npy_string(r, key, sizeof(key)) || !recs_npy_take(r, ':')) {
        return 0;
    }

    if (strcmp(key, "descr") == 0) {
        bit = RECS_NPY_DESCR;
        ok = recs_npy_string(r, r->descr, sizeof(r->descr));

    } else if (strcmp(key, "fortran_order") == 0) {
        bit = RECS_NPY_FORTRAN;
        ok = recs_npy_bool(r, &r->fortran);

    } else if (strcmp(key, "shape") == 0) {
        bit = RECS_NPY_SHAPE;
        ok = !(r->keys & RECS_NPY_SHAPE) && recs_npy_tuple(r);

    } else {
        return 0;
    }

    if (r->keys & bit) {
        return 0;
    }

    r->keys |= bit;

    return ok;
}


static int
recs_npy_dict(recs_npy_reader_t *r)
{
    if (!recs_npy_take(r, '{')) {
        return 0;
    }

    while (!recs_npy_take(r, '}')) {
        if (!recs_npy_pair(r)) {
            return 0;
        }

        recs_npy_blanks(r);

        if (*r->p != '}' && !recs_npy_take(r, ',')) {
            return 0;
        }
    }

    return r->keys == RECS_NPY_KEYS && *r->p == '\0';
}


static recs_status_t
recs_npy_check(const recs_npy_reader_t *r, recs_error_t *err)
{
    char  what[96];

    if (strcmp(r->descr, "<f4") != 0 && strcmp(r->descr, "<f2") != 0) {
        snprintf(what, sizeof(what), "the type is %s, not little-endian "
                 "float32 (<f4) or float16 (<f2)", r->descr);
        return recs_npy_invalid(r, what, err);
    }

    if (r->fortran) {
        return recs_npy_invalid(r, "the array is in Fortran order, not C "
                                "order", err);
    }

    if (r->n_dims != 2) {
        snprintf(what, sizeof(what), "the array has %u dimensions, not 2: a "
                 "vector a row", r->n_dims);
        return recs_npy_invalid(r, what, err);
    }

    if (r->shape[0] > UINT32_MAX || r->shape[1] > UINT32_MAX) {
        return recs_npy_invalid(r, "the array is too large", err);
    }

    return RECS_OK;
}


/* The header promises a size; nothing is allocated before the file has it. */
static recs_status_t
recs_npy_check_size(recs_npy_reader_t *r, uint64_t size, recs_error_t *err)
{
    off_t  at, end;
    char   what[128];

    at = ftello(r->file);

    if (at == -1 || fseeko(r->file, 0, SEEK_END) == -1
        || (end = ftello(r->file)) == -1
        || fseeko(r->file, at, SEEK_SET) == -1)
    {
        return recs_error(err, RECS_IO, "cannot read \"%s\": %s", r->path,
                          strerror(errno));
    }

    if ((uint64_t) (end - at) != size) {
        snprintf(what, sizeof(what), "%" PRIu64 " bytes follow the header, "
                 "whose shape (%" PRIu64 ", %" PRIu64 ") needs %" PRIu64,
                 (uint64_t) (end - at), r->shape[0], r->shape[1], size);
        return recs_npy_invalid(r, what, err);
    }

    return RECS_OK;
}


float
recs_npy_half(uint16_t half)
{
    float     value;
    uint32_t  exponent, mantissa;

    exponent = half >> 10 & 0x1f;
    mantissa = half & 0x3ff;

    if (exponent == 0x1f) {
        value = mantissa != 0 ? NAN : INFINITY;

    } else if (exponent == 0) {
        value = ldexpf((float) mantissa, -24);

    } else {
        value = ldexpf((float) (mantissa | 0x400), (int) exponent - 25);
    }

    return half & 0x8000 ? -value : value;
}


/* The halves stand in the upper half of values, so widening may go upwards. */
static void
recs_npy_widen(float *values, size_t n)
{
    size_t          i;
    uint16_t        half;
    const uint8_t  *halves;

    halves = (const uint8_t *) values + n * sizeof(uint16_t);

    for (i = 0; i < n; i++) {
        memcpy(&half, halves + i * sizeof(uint16_t), sizeof(uint16_t));
        values[i] = recs_npy_half(half);
    }
}


static recs_status_t
recs_npy_read_values(recs_npy_reader_t *r, recs_npy_t *npy,
    recs_error_t *err)
{
    float          *values;
    size_t          i, n, item_size;
    uint64_t        count, size;
    recs_status_t   rc;

    item_size = r->descr[2] == '4' ? sizeof(float) : sizeof(uint16_t);

    if (__builtin_mul_overflow(r->shape[0], r->shape[1], &count)
        || __builtin_mul_overflow(count, sizeof(float), &size))
    {
        return recs_npy_invalid(r, "the array is too large", err);
    }

    rc = recs_npy_check_size(r, count * item_size, err);
    if (rc != RECS_OK) {
        return rc;
    }

    n = (size_t) count;

    values = malloc(n > 0 ? (size_t) size : 1);
    if (values == NULL) {
        return recs_error(err, RECS_NOMEM, "no memory for %" PRIu64 " bytes "
                          "of \"%s\"", size, r->path);
    }

    rc = recs_npy_read_bytes(r, (char *) values + n * (4 - item_size),
                             n * item_size, err);
    if (rc != RECS_OK) {
        free(values);
        return rc;
    }

    if (item_size == sizeof(uint16_t)) {
        recs_npy_widen(values, n);
    }

    for (i = 0; i < n; i++) {
        if (!isfinite(values[i])) {
            free(values);
            return recs_error(err, RECS_INVALID, "\"%s\": row %" PRIu64
                              " (from 0) holds a value that is not a finite "
                              "number; drop or repair the vector", r->path,
                              (uint64_t) (i / r->shape[1]));
        }
    }

    npy->values = values;
    npy->n_rows = (uint32_t) r->shape[0];
    npy->n_cols = (uint32_t) r->shape[1];

    return RECS_OK;
}


recs_status_t
recs_npy_read(recs_npy_t *npy, const char *path, recs_error_t *err)
{
    recs_status_t      rc;
    recs_npy_reader_t  r;

    memset(&r, 0, sizeof(recs_npy_reader_t));
    r.path = path;

    r.file = fopen(path, "rbe");
    if (r.file == NULL) {
        return recs_error(err, RECS_IO, "cannot open \"%s\": %s", path,
                          strerror(errno));
    }

    rc = recs_npy_read_header(&r, err);

    if (rc == RECS_OK && !recs_npy_dict(&r)) {
        rc = recs_npy_invalid(&r, "the header is not what numpy writes",
                              err);
    }

    if (rc == RECS_OK) {
        rc = recs_npy_check(&r, err);
    }

    if (rc == RECS_OK) {
        rc = recs_npy_read_values(&r, npy, err);
    }

    free(r.header);
    fclose(r.file);

    return rc;
}


recs_status_t
recs_npy_write_header(recs_file_t *file, uint64_t n_rows, uint32_t n_cols,
    recs_error_t *err)
{
    int   len, total, start;
    char  dict[128], header[256];

    if (n_cols > 0) {
        len = snprintf(dict, sizeof(dict), "{'descr': '<f4', 'fortran_order':"
                       " False, 'shape': (%" PRIu64 ", %u), }", n_rows,
                       n_cols);

    } else {
        len = snprintf(dict, sizeof(dict), "{'descr': '<f4', 'fortran_order':"
                       " False, 'shape': (%" PRIu64 ",), }", n_rows);
    }

    start = RECS_NPY_MAGIC_LEN + 4;
    total = (start + len + 1 + RECS_NPY_ALIGN - 1) / RECS_NPY_ALIGN
            * RECS_NPY_ALIGN;

    memset(header, ' ', sizeof(header));
    memcpy(header, RECS_NPY_MAGIC, RECS_NPY_MAGIC_LEN);
    header[6] = 1;
    header[7] = 0;
    header[8] = (char) ((total - start) & 0xff);
    header[9] = (char) ((total - start) >> 8);
    memcpy(header + start, dict, (size_t) len);
    header[total - 1] = '\n';

    return recs_file_write(file, header, (size_t) total, err);
}
