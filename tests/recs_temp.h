/*
 * recs_temp: a folder for the files of one test program.
 */

#ifndef _RECS_TEMP_H_INCLUDED_
#define _RECS_TEMP_H_INCLUDED_


#include <stddef.h>


/* The path of a name in the folder, made at the first call; static. */
const char *recs_temp_path(const char *name);

/* Writes a file there and returns its path. */
const char *recs_temp_write(const char *name, const void *data, size_t len);
const char *recs_temp_text(const char *name, const char *text);

/* How many files the folder holds. */
int recs_temp_count(void);

/* Removes folder and files: called at exit, too. */
void recs_temp_remove(void);

/*
 * A path under the real data (RECS_TEST_DATA, else ../shared/data), or NULL
 * where it is not there; static.
 */
const char *recs_temp_data(const char *name);


#endif /* _RECS_TEMP_H_INCLUDED_ */
