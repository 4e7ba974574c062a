package RecsFaults;

# The n-th call of a program fails, or is its last: tests/faults.c.
#
#     my $faults = RecsFaults->new($t);
#     my ($n) = $faults->count(files => @command);       calls, undisturbed
#     my ($status, $said) = $faults->hit(memory => 7, @command);
#     my $signal = $faults->kill(files => 7, @command);
#
# A server is started with $faults->environment, and armed:
#
#     $faults->arm('memory', 7);  ...  my ($calls, $hits) = $faults->disarm;

use strict;
use warnings;

use Cwd qw(abs_path);
use Errno ();

my %KIND = (memory => 1, files => 2);
my ($FAIL, $KILL) = (0, 1);


# Whether it can be had: a sanitizer's own allocation stands in the way.
sub available {
    my $build = $ENV{RECS_BUILD} // 'build';

    return -e "$build/faults.so";
}


# Of n calls at most so many, evenly, with the last.
sub points {
    my ($n, $most) = @_;

    return 1 .. $n if $n <= $most;
    return map { int($_ * $n / $most) } 1 .. $most;
}


sub new {
    my ($class, $t) = @_;

    my $build = $ENV{RECS_BUILD} // 'build';

    my $self = bless {
        t       => $t,
        library => abs_path("$build/faults.so"),
        control => $t->path('faults'),
    }, $class;

    $self->set(0, 0, 0, 0);

    return $self;
}


sub set {
    my ($self, $armed, $kinds, $at, $action, $error) = @_;

    my $bytes = pack 'L7', $armed, $kinds, $at, $action, 0, 0,
                $error // Errno::EIO;
    my $mode = -e $self->{control} ? '+<:raw' : '>:raw';

    # In place: it is mapped.
    open my $fh, $mode, $self->{control} or die "$self->{control}: $!";
    syswrite $fh, $bytes;
    close $fh;
}


# (calls, hits)
sub counted {
    my ($self) = @_;

    return (unpack 'L7', $self->{t}->read($self->{control}))[4, 5];
}


sub arm {
    my ($self, $kind, $at, $error) = @_;

    $self->set(1, $KIND{$kind}, $at, $FAIL, $error);
}


sub disarm {
    my ($self) = @_;

    my @counted = $self->counted;
    $self->set(0, 0, 0, 0);

    return @counted;
}


sub environment {
    my ($self) = @_;

    return (LD_PRELOAD => $self->{library}, RECS_FAULTS => $self->{control});
}


# (wait status, what it said on stderr, and on stdout)
sub run {
    my ($self, @command) = @_;

    my ($out, $said) = map { $self->{t}->path("faults.$_") } qw(out said);
    my $pid = fork // die "fork: $!";

    if ($pid == 0) {
        %ENV = (%ENV, $self->environment);
        open STDOUT, '>', $out;
        open STDERR, '>', $said;
        exec { $command[0] } @command or POSIX::_exit(127);
    }

    waitpid $pid, 0;

    return ($?, map { $self->{t}->read($_) } $said, $out);
}


# (calls, what it printed on stdout)
sub count {
    my ($self, $kind, @command) = @_;

    $self->set(1, $KIND{$kind}, 0, $FAIL);
    my (undef, undef, $out) = $self->run(@command);

    return (($self->counted)[0], $out);
}


sub hit {
    my ($self, $kind, $at, @command) = @_;

    $self->set(1, $KIND{$kind}, $at, $FAIL);

    return $self->run(@command);
}


sub kill {
    my ($self, $kind, $at, @command) = @_;

    $self->set(1, $KIND{$kind}, $at, $KILL);

    return ($self->run(@command))[0] & 127;
}


1;
